/**
 * The `fleet` event: one fixed row of 20 bytes for each VM, little-endian, sent as base64. A full
 * state each time, so that a frame that is dropped costs nothing but a second.
 *
 * Header, 16 bytes: u8 version, 3 bytes of 0, u32 rows, f64 time of the frame in unix ms.
 * Row: u32 key, u8 state and origin (state * 4 + origin), u8 reason (0: none), u16 age in tenths
 * of a second, u16 CPU and u16 memory in hundredths of a percent, then receive, transmit, read and
 * write in bytes per second as u16: the upper half of a float32, which keeps 8 bits and is right to
 * 0.4 %. Unknown is 0xffff.
 */
import { pullFailureKindSchema, type PullFailureKind } from './pull-failure.ts';
import { originSchema, vmStateSchema, type Origin, type VmState } from './reading.ts';

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
}

export interface FleetFrame {
  readonly at: number;
  readonly rows: readonly FleetRow[];
}

const VERSION = 1;
const HEADER_BYTES = 16;
const ROW_BYTES = 20;
const UNKNOWN = 0xff_ff;
const AGE_UNIT_MS = 100;

const STATES = vmStateSchema.options;
const ORIGINS = originSchema.options;
const REASONS = pullFailureKindSchema.options;

const scratch = new DataView(new ArrayBuffer(4));

/** Rounds to the nearest float of 16 bits that has the exponent of a float32. */
const packRate = (value: number | null): number => {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  scratch.setFloat32(0, Math.max(0, value));
  return Math.min((scratch.getUint32(0) + 0x80_00) >>> 16, 0x7f_7f);
};

const unpackRate = (packed: number): number | null => {
  if (packed === UNKNOWN) return null;
  scratch.setUint32(0, packed << 16);
  return scratch.getFloat32(0);
};

const packPercent = (value: number | null): number =>
  value === null ? UNKNOWN : Math.round(Math.min(100, Math.max(0, value)) * 100);
const unpackPercent = (packed: number): number | null => (packed === UNKNOWN ? null : packed / 100);

export const encodeFleetFrame = ({ at, rows }: FleetFrame): Uint8Array => {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + rows.length * ROW_BYTES));
  view.setUint8(0, VERSION);
  view.setUint32(4, rows.length, true);
  view.setFloat64(8, at, true);
  let offset = HEADER_BYTES;
  for (const row of rows) {
    view.setUint32(offset, row.key, true);
    view.setUint8(offset + 4, STATES.indexOf(row.state) * 4 + ORIGINS.indexOf(row.origin));
    view.setUint8(offset + 5, row.reason === null ? 0 : REASONS.indexOf(row.reason) + 1);
    view.setUint16(offset + 6, Math.min(Math.round(row.ageMs / AGE_UNIT_MS), UNKNOWN), true);
    view.setUint16(offset + 8, packPercent(row.cpuUsagePercent), true);
    view.setUint16(offset + 10, packPercent(row.memoryUsagePercent), true);
    view.setUint16(offset + 12, packRate(row.networkRxBytesPerSecond), true);
    view.setUint16(offset + 14, packRate(row.networkTxBytesPerSecond), true);
    view.setUint16(offset + 16, packRate(row.diskReadBytesPerSecond), true);
    view.setUint16(offset + 18, packRate(row.diskWriteBytesPerSecond), true);
    offset += ROW_BYTES;
  }
  return new Uint8Array(view.buffer);
};

export type DecodedFleetFrame =
  | { readonly ok: true; readonly frame: FleetFrame }
  | { readonly ok: false; readonly problem: string };

const decodeRow = (view: DataView, offset: number): FleetRow | undefined => {
  const code = view.getUint8(offset + 4);
  const state = STATES[code >> 2];
  const origin = ORIGINS[code & 3];
  const reasonCode = view.getUint8(offset + 5);
  const reason = reasonCode === 0 ? null : REASONS[reasonCode - 1];
  if (state === undefined || origin === undefined || reason === undefined) return undefined;
  return {
    key: view.getUint32(offset, true),
    state,
    origin,
    reason,
    ageMs: view.getUint16(offset + 6, true) * AGE_UNIT_MS,
    cpuUsagePercent: unpackPercent(view.getUint16(offset + 8, true)),
    memoryUsagePercent: unpackPercent(view.getUint16(offset + 10, true)),
    networkRxBytesPerSecond: unpackRate(view.getUint16(offset + 12, true)),
    networkTxBytesPerSecond: unpackRate(view.getUint16(offset + 14, true)),
    diskReadBytesPerSecond: unpackRate(view.getUint16(offset + 16, true)),
    diskWriteBytesPerSecond: unpackRate(view.getUint16(offset + 18, true)),
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
  const rows: FleetRow[] = [];
  for (let index = 0; index < count; index += 1) {
    const row = decodeRow(view, HEADER_BYTES + index * ROW_BYTES);
    if (row === undefined) return problem(`row ${index} has an unknown state, origin or reason`);
    rows.push(row);
  }
  return { ok: true, frame: { at: view.getFloat64(8, true), rows } };
};
