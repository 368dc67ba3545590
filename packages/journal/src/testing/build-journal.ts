/** Makes journal files byte by byte, so that tests decide what is in them, right and wrong. */

export interface BuiltEntry {
  readonly fields: readonly (readonly [name: string, value: string | Uint8Array])[];
  readonly realtimeUs: number;
  readonly seqnum?: number;
  readonly monotonicUs?: number;
  readonly bootId?: string;
}

export interface JournalToBuild {
  readonly entries: readonly BuiltEntry[];
  readonly compact?: boolean;
  readonly seqnumId?: string;
  readonly fileId?: string;
  readonly archived?: boolean;
  /** How many entries the first array holds; each further one holds twice as many. */
  readonly firstCapacity?: number;
  /** Packs the payload of a data object, and says with which flag. */
  readonly pack?: (payload: Uint8Array) => { readonly flag: number; readonly bytes: Uint8Array };
  readonly incompatibleFlags?: number;
  /** From this one on, the arrays of entries are not what they were. */
  readonly breakArraysFrom?: number;
}

const BOOT_ID = '6f372cb2ce8d4e8ba287987cd104091a';
const SEQNUM_ID = 'e9711e30aa984d989bc44366aec931df';
const HEADER_BYTES = 272;

const hexBytes = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16),
  );

const utf8 = (value: string | Uint8Array): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value, 'utf8') : value;

class Image {
  bytes = new Uint8Array(4096);
  view = new DataView(this.bytes.buffer);
  length = HEADER_BYTES;

  allocate(size: number): number {
    const at = this.length;
    this.length += (size + 7) & ~7;
    while (this.length > this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }

  u64(at: number, value: number): void {
    this.view.setBigUint64(at, BigInt(value), true);
  }

  object(type: number, size: number, flags = 0): number {
    const at = this.allocate(size);
    this.bytes[at] = type;
    this.bytes[at + 1] = flags;
    this.u64(at + 8, size);
    return at;
  }
}

const makeDataWriter = (image: Image, { compact = false, pack }: JournalToBuild) => {
  const known = new Map<string, number>();
  const payloadAt = compact ? 72 : 64;
  return (name: string, value: string | Uint8Array): number => {
    const payload = Buffer.concat([Buffer.from(`${name}=`), utf8(value)]);
    const key = payload.toString('latin1');
    const at = known.get(key);
    if (at !== undefined) return at;
    const packed = pack?.(payload) ?? { flag: 0, bytes: payload };
    const offset = image.object(1, payloadAt + packed.bytes.length, packed.flag);
    image.bytes.set(packed.bytes, offset + payloadAt);
    known.set(key, offset);
    return offset;
  };
};

/** The bytes of a whole, closed file. */
export const buildJournal = (journal: JournalToBuild): Uint8Array => {
  const { entries, compact = false, seqnumId = SEQNUM_ID, fileId = seqnumId } = journal;
  const image = new Image();
  const writeData = makeDataWriter(image, journal);
  const itemBytes = compact ? 4 : 8;
  let array = { at: 0, used: 0, capacity: 0 };
  let firstArray = 0;
  let arrays = 0;

  const link = (entryAt: number): void => {
    if (array.used === array.capacity) {
      const capacity = array.capacity === 0 ? (journal.firstCapacity ?? 4) : array.capacity * 2;
      const at = image.object(6, 24 + capacity * itemBytes);
      if (firstArray === 0) firstArray = at;
      else image.u64(array.at + 16, at);
      if (arrays >= (journal.breakArraysFrom ?? Infinity)) image.bytes[at] = 0xff;
      arrays += 1;
      array = { at, used: 0, capacity };
    }
    const slot = array.at + 24 + array.used * itemBytes;
    if (compact) image.view.setUint32(slot, entryAt, true);
    else image.u64(slot, entryAt);
    array.used += 1;
  };

  entries.forEach((entry, index) => {
    const offsets = entry.fields.map(([name, value]) => writeData(name, value));
    const at = image.object(3, 64 + offsets.length * (compact ? 4 : 16));
    image.u64(at + 16, entry.seqnum ?? index + 1);
    image.u64(at + 24, entry.realtimeUs);
    image.u64(
      at + 32,
      entry.monotonicUs ?? entry.realtimeUs - (entries[0]?.realtimeUs ?? 0) + 1000,
    );
    image.bytes.set(hexBytes(entry.bootId ?? BOOT_ID), at + 40);
    image.u64(at + 56, 0xabc000 + index);
    offsets.forEach((offset, item) => {
      if (compact) image.view.setUint32(at + 64 + item * 4, offset, true);
      else image.u64(at + 64 + item * 16, offset);
    });
    link(at);
  });

  const first = entries[0];
  const last = entries.at(-1);
  image.bytes.set(Buffer.from('LPKSHHRH'), 0);
  image.view.setUint32(12, journal.incompatibleFlags ?? (compact ? 16 : 0) | 4 | 8, true);
  image.bytes[16] = journal.archived === true ? 2 : 1;
  image.bytes.set(hexBytes(fileId), 24);
  image.bytes.set(hexBytes('00112233445566778899aabbccddeeff'), 40);
  image.bytes.set(hexBytes(last?.bootId ?? BOOT_ID), 56);
  image.bytes.set(hexBytes(seqnumId), 72);
  image.u64(88, HEADER_BYTES);
  image.u64(96, image.length - HEADER_BYTES);
  image.u64(152, entries.length);
  image.u64(160, last?.seqnum ?? entries.length);
  image.u64(168, first?.seqnum ?? Math.min(1, entries.length));
  image.u64(176, firstArray);
  image.u64(184, first?.realtimeUs ?? 0);
  image.u64(192, last?.realtimeUs ?? 0);
  image.u64(
    200,
    last === undefined
      ? 0
      : (last.monotonicUs ?? last.realtimeUs - (first?.realtimeUs ?? 0) + 1000),
  );
  return image.bytes.slice(0, image.length);
};
