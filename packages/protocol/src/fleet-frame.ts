/**
 * The `fleet` event: one fixed row of 30 bytes for each VM, little-endian, sent as base64. A full
 * state each time, so that a frame that is dropped costs nothing but a second.
 *
 * Header, 16 bytes: u8 version, 3 bytes of 0, u32 rows, f64 time of the frame in unix ms.
 * Row: u32 key, u8 state and origin (state * 4 + origin), u8 reason (0: none), u16 age in tenths
 * of a second (0xffff: that or older), u16 CPU and u16 memory in hundredths of a percent, then
 * receive, transmit, read and write in bytes per second as u16: the upper half of a float32, which
 * keeps 8 bits and is right to 0.4 %; u32 uptime in seconds, u32 memory in MiB, u16 CPUs. Unknown
 * has all bits set.
 */
import type { PullFailureKind } from './pull-failure.ts';
import type { Origin, VmState } from './reading.ts';
import { ORIGINS, PULL_FAILURE_KINDS, VM_STATES } from './vocabulary.ts';

export interface FleetRow {
  readonly key: number;
  readonly state: VmState;
  readonly origin: Origin;
  readonly reason: PullFailureKind | null;
  readonly ageMs: number;
  readonly cpuUsagePercent: number | null;
  readonly memoryUsagePercent: number | null;
  readonly networkRxBytesPerSecond: number | null;
  readonly networkTxBytesPerSecond: number | null;
  readonly diskReadBytesPerSecond: number | null;
  readonly diskWriteBytesPerSecond: number | null;
  readonly uptimeSeconds: number | null;
  readonly memoryTotalBytes: number | null;
  readonly cpuCount: number | null;
}

export interface FleetFrame {
  readonly at: number;
  readonly rows: readonly FleetRow[];
}

const VERSION = 1;
const HEADER_BYTES = 16;
const ROW_BYTES = 30;
const UNKNOWN = 0xff_ff;
const UNKNOWN_WIDE = 0xff_ff_ff_ff;
const MEMORY_UNIT_BYTES = 1024 * 1024;
const AGE_UNIT_MS = 100;

const MAX_AGE = 0xff_ff;
/** The upper half of the largest finite float32; above come infinity, NaN and what is negative. */
const MAX_RATE = 0x7f_7f;
const PERCENT_UNITS = 100;
const MAX_PERCENT = 100 * PERCENT_UNITS;

/** Four bytes to see a float32 as its bits. */
const makeScratch = (): DataView => new DataView(new ArrayBuffer(4));

/** Rounds to the nearest float of 16 bits that has the exponent of a float32. */
const packRate = (scratch: DataView, value: number | null): number => {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  scratch.setFloat32(0, Math.max(0, value));
  return Math.min((scratch.getUint32(0) + 0x80_00) >>> 16, MAX_RATE);
};

/** Undefined is what no encoder writes. */
const unpackRate = (scratch: DataView, packed: number): number | null | undefined => {
  if (packed === UNKNOWN) return null;
  if (packed > MAX_RATE) return undefined;
  scratch.setUint32(0, packed << 16);
  return scratch.getFloat32(0);
};

const packPercent = (value: number | null): number =>
  value === null || Number.isNaN(value)
    ? UNKNOWN
    : Math.round(Math.min(100, Math.max(0, value)) * PERCENT_UNITS);

const unpackPercent = (packed: number): number | null | undefined => {
  if (packed === UNKNOWN) return null;
  return packed > MAX_PERCENT ? undefined : packed / PERCENT_UNITS;
};

const packAge = (ageMs: number): number =>
  Number.isNaN(ageMs) ? MAX_AGE : Math.min(Math.round(Math.max(0, ageMs) / AGE_UNIT_MS), MAX_AGE);

/** Whole numbers up to one less than what means unknown. */
const packCount = (value: number | null, unknown: number): number =>
  value === null || Number.isNaN(value)
    ? unknown
    : Math.min(Math.round(Math.max(0, value)), unknown - 1);

const unpackCount = (packed: number, unknown: number): number | null =>
  packed === unknown ? null : packed;

const inMebibytes = (bytes: number | null): number | null =>
  bytes === null ? null : bytes / MEMORY_UNIT_BYTES;

export const encodeFleetFrame = ({ at, rows }: FleetFrame): Uint8Array => {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + rows.length * ROW_BYTES));
  view.setUint8(0, VERSION);
  view.setUint32(4, rows.length, true);
  view.setFloat64(8, at, true);
  const scratch = makeScratch();
  let offset = HEADER_BYTES;
  for (const row of rows) {
    view.setUint32(offset, row.key, true);
    view.setUint8(offset + 4, VM_STATES.indexOf(row.state) * 4 + ORIGINS.indexOf(row.origin));
    view.setUint8(offset + 5, row.reason === null ? 0 : PULL_FAILURE_KINDS.indexOf(row.reason) + 1);
    view.setUint16(offset + 6, packAge(row.ageMs), true);
    view.setUint16(offset + 8, packPercent(row.cpuUsagePercent), true);
    view.setUint16(offset + 10, packPercent(row.memoryUsagePercent), true);
    view.setUint16(offset + 12, packRate(scratch, row.networkRxBytesPerSecond), true);
    view.setUint16(offset + 14, packRate(scratch, row.networkTxBytesPerSecond), true);
    view.setUint16(offset + 16, packRate(scratch, row.diskReadBytesPerSecond), true);
    view.setUint16(offset + 18, packRate(scratch, row.diskWriteBytesPerSecond), true);
    view.setUint32(offset + 20, packCount(row.uptimeSeconds, UNKNOWN_WIDE), true);
    view.setUint32(offset + 24, packCount(inMebibytes(row.memoryTotalBytes), UNKNOWN_WIDE), true);
    view.setUint16(offset + 28, packCount(row.cpuCount, UNKNOWN), true);
    offset += ROW_BYTES;
  }
  return new Uint8Array(view.buffer);
};

export type DecodedFleetFrame =
  | { readonly ok: true; readonly frame: FleetFrame }
  | { readonly ok: false; readonly problem: string };

const decodeRow = (view: DataView, offset: number, scratch: DataView): FleetRow | undefined => {
  const code = view.getUint8(offset + 4);
  const state = VM_STATES[code >> 2];
  const origin = ORIGINS[code & 3];
  const reasonCode = view.getUint8(offset + 5);
  const reason = reasonCode === 0 ? null : PULL_FAILURE_KINDS[reasonCode - 1];
  const cpuUsagePercent = unpackPercent(view.getUint16(offset + 8, true));
  const memoryUsagePercent = unpackPercent(view.getUint16(offset + 10, true));
  const networkRxBytesPerSecond = unpackRate(scratch, view.getUint16(offset + 12, true));
  const networkTxBytesPerSecond = unpackRate(scratch, view.getUint16(offset + 14, true));
  const diskReadBytesPerSecond = unpackRate(scratch, view.getUint16(offset + 16, true));
  const diskWriteBytesPerSecond = unpackRate(scratch, view.getUint16(offset + 18, true));
  if (
    state === undefined ||
    origin === undefined ||
    reason === undefined ||
    cpuUsagePercent === undefined ||
    memoryUsagePercent === undefined ||
    networkRxBytesPerSecond === undefined ||
    networkTxBytesPerSecond === undefined ||
    diskReadBytesPerSecond === undefined ||
    diskWriteBytesPerSecond === undefined
  ) {
    return undefined;
  }
  const mebibytes = unpackCount(view.getUint32(offset + 24, true), UNKNOWN_WIDE);
  return {
    key: view.getUint32(offset, true),
    state,
    origin,
    reason,
    ageMs: view.getUint16(offset + 6, true) * AGE_UNIT_MS,
    cpuUsagePercent,
    memoryUsagePercent,
    networkRxBytesPerSecond,
    networkTxBytesPerSecond,
    diskReadBytesPerSecond,
    diskWriteBytesPerSecond,
    uptimeSeconds: unpackCount(view.getUint32(offset + 20, true), UNKNOWN_WIDE),
    memoryTotalBytes: mebibytes === null ? null : mebibytes * MEMORY_UNIT_BYTES,
    cpuCount: unpackCount(view.getUint16(offset + 28, true), UNKNOWN),
  };
};

export const decodeFleetFrame = (bytes: Uint8Array): DecodedFleetFrame => {
  const problem = (what: string): DecodedFleetFrame => ({ ok: false, problem: what });
  if (bytes.byteLength < HEADER_BYTES) return problem('shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if (version !== VERSION) return problem(`version ${version}, and this reads ${VERSION}`);
  const count = view.getUint32(4, true);
  if (bytes.byteLength !== HEADER_BYTES + count * ROW_BYTES) {
    return problem(`${bytes.byteLength} bytes do not hold ${count} rows`);
  }
  const at = view.getFloat64(8, true);
  if (!Number.isFinite(at)) return problem('its time is no number');
  const scratch = makeScratch();
  const rows: FleetRow[] = [];
  for (let index = 0; index < count; index += 1) {
    const row = decodeRow(view, HEADER_BYTES + index * ROW_BYTES, scratch);
    if (row === undefined) return problem(`row ${index} has values that no encoder writes`);
    rows.push(row);
  }
  return { ok: true, frame: { at, rows } };
};
