/**
 * One line of Firecracker's metrics (docs/metrics.md there, src/vmm/src/logger/metrics.rs): a JSON
 * object with `utc_timestamp_ms` first. Counters are differences since the flush before.
 *
 * `net` and `block` are sums of the `net_<iface_id>` and `block_<drive_id>` beside them, so adding
 * them too would count everything twice. Before 1.6 there were only the sums.
 *
 * Firecracker writes a line in pieces of 1 KiB and forgets the rest of it when the pipe is full.
 * The next line then follows the torn one without a newline: `{"utc_timestamp_ms":1,"ap{"utc_…":2,…}`.
 */

export interface NetDelta {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
}

export interface BlockDelta {
  readonly readBytes: number;
  readonly reads: number;
  readonly writtenBytes: number;
  readonly writes: number;
}

export interface MetricsLine {
  readonly utcTimestampMs: number;
  readonly net: ReadonlyMap<string, NetDelta>;
  readonly block: ReadonlyMap<string, BlockDelta>;
  /** `logger.missed_metrics_count`: lines that Firecracker could not write. */
  readonly missedMetrics: number;
  /** Differs from one process to the next where the jailer tells the start time; else undefined. */
  readonly processMark: string | undefined;
  /** There was traffic, but no device to which it belongs. */
  readonly hasOnlySums: boolean;
}

/** A piece of the text is a line, or it is lost. */
export type MetricsPiece =
  | { readonly ok: true; readonly line: MetricsLine }
  | { readonly ok: false; readonly problem: string };

type Fields = Readonly<Record<string, unknown>>;
type Result<Value> = { readonly value: Value } | { readonly problem: string };

const LINE_START = '{"utc_timestamp_ms":';
/** Firecracker's own limits are 64 characters for an id and about 20 devices of a kind. */
const LONGEST_ID = 64;
const MOST_DEVICES = 256;
/** Of one text: a full pipe tears a few lines before one gets through, which is the last. */
const MOST_PARSED_PIECES = 16;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** More than 2^53 bytes between two flushes is no traffic, and would spoil every later sum. */
const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

const netOf = (fields: Fields): NetDelta | undefined => {
  const receivedBytes = countOf(fields['rx_bytes_count']);
  const receivedPackets = countOf(fields['rx_packets_count']);
  const sentBytes = countOf(fields['tx_bytes_count']);
  const sentPackets = countOf(fields['tx_packets_count']);
  if (receivedBytes === undefined || receivedPackets === undefined) return undefined;
  if (sentBytes === undefined || sentPackets === undefined) return undefined;
  return { receivedBytes, receivedPackets, sentBytes, sentPackets };
};

const blockOf = (fields: Fields): BlockDelta | undefined => {
  const readBytes = countOf(fields['read_bytes']);
  const reads = countOf(fields['read_count']);
  const writtenBytes = countOf(fields['write_bytes']);
  const writes = countOf(fields['write_count']);
  if (readBytes === undefined || reads === undefined) return undefined;
  if (writtenBytes === undefined || writes === undefined) return undefined;
  return { readBytes, reads, writtenBytes, writes };
};

const devicesOf = <Delta>(
  root: Fields,
  prefix: string,
  deltaOf: (fields: Fields) => Delta | undefined,
): Result<ReadonlyMap<string, Delta>> => {
  const devices = new Map<string, Delta>();
  for (const [key, value] of Object.entries(root)) {
    if (!key.startsWith(prefix)) continue;
    const id = key.slice(prefix.length);
    if (id === '' || id.length > LONGEST_ID) return { problem: `a device id after ${prefix}` };
    const delta = isFields(value) ? deltaOf(value) : undefined;
    if (delta === undefined) return { problem: `the counters of a ${prefix}… device` };
    devices.set(id, delta);
    if (devices.size > MOST_DEVICES) return { problem: `more than ${MOST_DEVICES} ${prefix}…` };
  }
  return { value: devices };
};

const hasTraffic = (delta: NetDelta | BlockDelta | undefined): boolean =>
  delta !== undefined && Object.values(delta).some((count) => count > 0);

const hasOnlySum = <Delta extends NetDelta | BlockDelta>(
  sum: unknown,
  devices: ReadonlyMap<string, Delta>,
  deltaOf: (fields: Fields) => Delta | undefined,
): boolean => devices.size === 0 && isFields(sum) && hasTraffic(deltaOf(sum));

const processMarkOf = (apiServer: unknown): string | undefined => {
  if (!isFields(apiServer)) return undefined;
  const startup = countOf(apiServer['process_startup_time_us']) ?? 0;
  const startupCpu = countOf(apiServer['process_startup_time_cpu_us']) ?? 0;
  return startup > 0 && startupCpu > 0 ? `${startup}/${startupCpu}` : undefined;
};

const missedMetricsOf = (logger: unknown): number | undefined => {
  if (logger === undefined) return 0;
  if (!isFields(logger)) return undefined;
  const missed = logger['missed_metrics_count'];
  return missed === undefined ? 0 : countOf(missed);
};

const lineOf = (root: unknown): Result<MetricsLine> => {
  if (!isFields(root)) return { problem: 'no JSON object' };
  const utcTimestampMs = countOf(root['utc_timestamp_ms']);
  if (utcTimestampMs === undefined) return { problem: 'utc_timestamp_ms' };
  const net = devicesOf(root, 'net_', netOf);
  if ('problem' in net) return net;
  const block = devicesOf(root, 'block_', blockOf);
  if ('problem' in block) return block;
  const missedMetrics = missedMetricsOf(root['logger']);
  if (missedMetrics === undefined) return { problem: 'logger.missed_metrics_count' };
  const value: MetricsLine = {
    utcTimestampMs,
    net: net.value,
    block: block.value,
    missedMetrics,
    processMark: processMarkOf(root['api_server']),
    hasOnlySums:
      hasOnlySum(root['net'], net.value, netOf) || hasOnlySum(root['block'], block.value, blockOf),
  };
  return { value };
};

const parseJson = (text: string): Result<unknown> => {
  // To fail costs JSON.parse several times what it costs to succeed.
  if (!text.startsWith(LINE_START)) return { problem: `no ${LINE_START}…` };
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    // JSON.parse's only failure: the text is not JSON.
    return { problem: 'no JSON' };
  }
};

const pieceOf = (root: Result<unknown>): MetricsPiece => {
  const line = 'problem' in root ? root : lineOf(root.value);
  return 'problem' in line ? { ok: false, ...line } : { ok: true, line: line.value };
};

/** Each piece ends where the next line starts. */
const piecesOf = (text: string): readonly string[] => {
  const pieces: string[] = [];
  let start = 0;
  for (
    let next = text.indexOf(LINE_START, 1);
    next > 0;
    next = text.indexOf(LINE_START, start + 1)
  ) {
    pieces.push(text.slice(start, next));
    start = next;
  }
  return [...pieces, text.slice(start)];
};

/** One piece for a whole line; several, in their order, where lines were torn. */
export const parseMetricsLine = (text: string): readonly MetricsPiece[] => {
  const root = parseJson(text);
  if ('value' in root) return [pieceOf(root)];
  const pieces = piecesOf(text);
  if (pieces.length === 1) return [pieceOf(root)];
  const firstParsed = pieces.length - MOST_PARSED_PIECES;
  return pieces.map((piece, index) =>
    index < firstParsed ? { ok: false, problem: 'torn lines' } : pieceOf(parseJson(piece)),
  );
};
