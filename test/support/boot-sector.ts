/**
 * A guest of 512 bytes, for virtual machines that only have to work: it reads eight sectors and
 * writes one through the BIOS, over and over. No operating system, nothing to download.
 * http://www.ctyme.com/intr/rb-0708.htm (INT 13h, function 42h: extended read; 43h: write)
 */

/** `busy` never rests, `paced` works once per tick of the BIOS timer (18.2 Hz), `idle` halts. */
export type Pace = 'busy' | 'paced' | 'idle';

const SECTOR_BYTES = 512;
const DISK_SECTORS = 2048;
/** Of the two packets of addresses, behind the code. */
const READ_PACKET = 0x30;
const WRITE_PACKET = 0x40;

type Code = readonly (readonly [bytes: string, instruction: string])[];

/** Loaded at 0000:7C00, with the number of the boot drive in DL. */
const START: Code = [
  ['31c0', 'xor ax, ax'],
  ['8ed8', 'mov ds, ax'],
  ['8ed0', 'mov ss, ax'],
  ['bc007c', 'mov sp, 0x7c00'],
  ['fb', 'sti'],
];

const WORK: Code = [
  ['be307c', 'mov si, 0x7c30'],
  ['b442', 'mov ah, 0x42'],
  ['cd13', 'int 0x13'],
  ['be407c', 'mov si, 0x7c40'],
  ['b80043', 'mov ax, 0x4300'],
  ['cd13', 'int 0x13'],
];

const REST: Code = [['f4', 'hlt']];

const LOOPS: Readonly<Record<Pace, Code>> = {
  busy: WORK,
  paced: [...WORK, ...REST],
  idle: REST,
};

const assemble = (code: Code): Buffer => Buffer.from(code.map(([bytes]) => bytes).join(''), 'hex');

/** The code and a `jmp` back to its beginning. */
const assembleLoop = (code: Code): Buffer => {
  const once = assemble(code);
  return Buffer.concat([once, Buffer.from([0xeb, 0x100 - once.length - 2])]);
};

/** Sectors to or from 0000:8000. */
const packet = (sectors: number, firstSector: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(bytes.length, 0);
  bytes.writeUInt16LE(sectors, 2);
  bytes.writeUInt16LE(0x8000, 4);
  bytes.writeBigUInt64LE(BigInt(firstSector), 8);
  return bytes;
};

/** A whole disk of 1 MiB. */
export const makeBootDisk = (pace: Pace): Buffer => {
  const disk = Buffer.alloc(DISK_SECTORS * SECTOR_BYTES);
  disk.set(Buffer.concat([assemble(START), assembleLoop(LOOPS[pace])]), 0);
  disk.set(packet(8, 8), READ_PACKET);
  disk.set(packet(1, 64), WRITE_PACKET);
  disk.set([0x55, 0xaa], SECTOR_BYTES - 2);
  return disk;
};
