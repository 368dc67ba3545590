/**
 * The answers to `query-status` (qapi/run-state.json), `query-blockstats` (qapi/block-core.json) and
 * `query-balloon` (qapi/machine.json).
 */
import type { VmmProcess } from '@innkeeper/protocol';
import { isFields, type QmpAnswer } from './qmp-protocol.ts';

export const QUERIES = ['query-status', 'query-blockstats', 'query-balloon'] as const;
/** Of a machine that is known to have no balloon. */
export const QUERIES_WITHOUT_BALLOON = ['query-status', 'query-blockstats'] as const;

type QmpValues = Extract<VmmProcess['qmp'], { ok: true }>;
type BlockValues = QmpValues['block'][number];

export type ParsedAnswers =
  | { readonly ok: true; readonly values: QmpValues }
  | { readonly ok: false; readonly problem: string };

const LONGEST_NAME = 256;
/** QEMU has at most some hundreds of drives; more is no machine. */
const MOST_DEVICES = 1024;

/** Counters are 64 bits wide: beyond 2^53 they come rounded, and that is near enough. */
const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

const nameOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, LONGEST_NAME) : undefined;

/** `device` is empty for what was made with -blockdev; `node-name` is the user's name there. */
const deviceName = (
  entry: Readonly<Record<string, unknown>>,
  index: number,
  taken: ReadonlySet<string>,
): string => {
  const device = nameOf(entry['device']);
  if (device !== undefined && !taken.has(device)) return device;
  const names = [nameOf(entry['node-name']), nameOf(entry['qdev'])];
  return names.find((name) => name !== undefined && !taken.has(name)) ?? `#${index}`;
};

const blockValues = (stats: unknown, device: string): BlockValues | undefined => {
  if (!isFields(stats)) return undefined;
  const readBytes = countOf(stats['rd_bytes']);
  const reads = countOf(stats['rd_operations']);
  const writtenBytes = countOf(stats['wr_bytes']);
  const writes = countOf(stats['wr_operations']);
  if (readBytes === undefined || reads === undefined) return undefined;
  if (writtenBytes === undefined || writes === undefined) return undefined;
  return {
    device,
    read_bytes_total: readBytes,
    reads_completed_total: reads,
    written_bytes_total: writtenBytes,
    writes_completed_total: writes,
  };
};

const parseBlockstats = (value: unknown): readonly BlockValues[] | undefined => {
  if (!Array.isArray(value) || value.length > MOST_DEVICES) return undefined;
  const entries: readonly unknown[] = value;
  const blocks: BlockValues[] = [];
  const taken = new Set<string>();
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index];
    if (!isFields(entry)) return undefined;
    const device = deviceName(entry, index, taken);
    const block = blockValues(entry['stats'], device);
    if (block === undefined) return undefined;
    taken.add(device);
    blocks.push(block);
  }
  return blocks;
};

const problemOf = (command: string, answer: QmpAnswer | undefined): ParsedAnswers => ({
  ok: false,
  problem: `${command}: ${answer?.ok === false ? answer.message : 'not as QMP describes it'}`,
});

/** A machine without a balloon answers with an error (`DeviceNotActive`), which is null here. */
const balloonBytes = (answer: QmpAnswer | undefined): number | null =>
  answer?.ok === true && isFields(answer.value) ? (countOf(answer.value['actual']) ?? null) : null;

/** Of the answers to `QUERIES`, in that order; the last one may be missing. */
export const parseQmpAnswers = (answers: readonly QmpAnswer[]): ParsedAnswers => {
  const [status, blockstats, balloon] = answers;
  const fields = status?.ok === true && isFields(status.value) ? status.value : undefined;
  const name = nameOf(fields?.['status']);
  const running = fields?.['running'];
  if (name === undefined || typeof running !== 'boolean') return problemOf(QUERIES[0], status);
  const block = blockstats?.ok === true ? parseBlockstats(blockstats.value) : undefined;
  if (block === undefined) return problemOf(QUERIES[1], blockstats);
  return {
    ok: true,
    values: {
      ok: true,
      status: name,
      running,
      block: [...block],
      balloon_bytes: balloonBytes(balloon),
    },
  };
};
