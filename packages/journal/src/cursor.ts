/**
 * The name of an entry across files and restarts, as `journalctl` prints it in `__CURSOR`:
 * `s=` sequence id, `i=` number in it, `b=` boot, `m=` and `t=` microseconds since boot and 1970,
 * `x=` hash of the contents. All numbers are hexadecimal.
 */
export interface JournalCursor {
  readonly seqnumId: string;
  readonly seqnum: number;
  readonly bootId: string;
  readonly monotonicUs: number;
  readonly realtimeUs: number;
  readonly xorHash: string;
}

const CURSOR =
  /^s=([\da-f]{32});i=([\da-f]{1,16});b=([\da-f]{32});m=([\da-f]{1,16});t=([\da-f]{1,16});x=([\da-f]{1,16})$/u;

export const formatCursor = (cursor: JournalCursor): string =>
  `s=${cursor.seqnumId};i=${cursor.seqnum.toString(16)};b=${cursor.bootId}` +
  `;m=${cursor.monotonicUs.toString(16)};t=${cursor.realtimeUs.toString(16)};x=${cursor.xorHash}`;

/** Undefined for anything but a whole cursor whose numbers a real journal could have. */
export const parseCursor = (text: string): JournalCursor | undefined => {
  const [, seqnumId, i, bootId, m, t, xorHash] = CURSOR.exec(text) ?? [];
  if (
    seqnumId === undefined ||
    i === undefined ||
    bootId === undefined ||
    m === undefined ||
    t === undefined ||
    xorHash === undefined
  ) {
    return undefined;
  }
  const seqnum = Number.parseInt(i, 16);
  const monotonicUs = Number.parseInt(m, 16);
  const realtimeUs = Number.parseInt(t, 16);
  if (![seqnum, monotonicUs, realtimeUs].every((number) => Number.isSafeInteger(number))) {
    return undefined;
  }
  return { seqnumId, seqnum, bootId, monotonicUs, realtimeUs, xorHash };
};
