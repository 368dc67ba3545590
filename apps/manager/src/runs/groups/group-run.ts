/** The executions of a run that ended in the same way: "48 identical, 2 differ", and how they differ. */
import type { RunGroup, RunGroups } from '@innkeeper/protocol';
import type { Database } from '../../database/database.ts';
import type { RunLimits } from '../limits.ts';
import { makeOutputLines } from '../output-lines.ts';
import { readOutput } from '../read-output.ts';
import { isOver, type ExecutionRecord, type RunRecord } from '../run-record.ts';
import { getGroups, type GroupRow } from '../sql/get-groups.ts';
import { getUndigested } from '../sql/get-undigested.ts';
import { setOutputDigest } from '../sql/set-output-digest.ts';
import { diffLines } from './diff-lines.ts';
import { digestOutput } from './output-digest.ts';

export interface GroupOptions {
  readonly database: Database;
  readonly limits: RunLimits;
  /** The caller has gone, or the time is over. */
  readonly signal: AbortSignal;
}

const MEMBERS = 100;
const DIGESTS_AT_ONCE = 200;

const digestAll = async (
  { database, limits, signal }: GroupOptions,
  runKey: number,
): Promise<void> => {
  for (;;) {
    const keys = await getUndigested(database, runKey, DIGESTS_AT_ONCE);
    for (const key of keys) {
      if (signal.aborted) return;
      await setOutputDigest(database, key, await digestOutput(database, key, limits.comparedBytes));
    }
    if (keys.length < DIGESTS_AT_ONCE) return;
  }
};

/** The beginning of an output, as lines. */
const sampleOf = async (
  { database, limits }: GroupOptions,
  executionKey: number | undefined,
): Promise<{ readonly lines: readonly string[]; readonly isCut: boolean }> => {
  if (executionKey === undefined) return { lines: [], isCut: false };
  const lines = makeOutputLines();
  const texts: string[] = [];
  let characters = 0;
  const add = (all: readonly { readonly text: string }[]): void => {
    for (const { text } of all) {
      characters += text.length + 1;
      if (characters <= limits.sampleCharacters) texts.push(text);
    }
  };
  for await (const chunks of readOutput(database, executionKey)) {
    for (const chunk of chunks) add(lines.push(chunk));
    if (characters > limits.sampleCharacters) return { lines: texts, isCut: true };
  }
  add(lines.end());
  return { lines: texts, isCut: characters > limits.sampleCharacters };
};

export const groupRun = async (
  options: GroupOptions,
  run: RunRecord,
  visible: readonly ExecutionRecord[],
  visibleVmIds: readonly string[] | null,
): Promise<RunGroups> => {
  const { database, limits } = options;
  await digestAll(options, run.key);
  const rows = await getGroups(database, run.key, visibleVmIds, MEMBERS);
  const byKey = new Map(visible.map((execution) => [execution.key, execution]));
  const members = ({ keys }: GroupRow): RunGroup['executions'] =>
    keys.flatMap((key) => {
      const execution = byKey.get(key);
      if (execution === undefined) return [];
      return { id: execution.id, vm_id: execution.vmId, vm_name: execution.vmName };
    });
  const largest = await sampleOf(options, rows[0]?.keys[0]);
  const most = { maxCompared: limits.diffComparedLines, maxLines: limits.diffLines };
  const groups: RunGroup[] = [];
  for (const [index, row] of rows.slice(0, limits.maxGroups).entries()) {
    if (options.signal.aborted) break;
    const sample = index === 0 ? largest : await sampleOf(options, row.keys[0]);
    const diff = index === 0 ? undefined : diffLines(largest.lines, sample.lines, most);
    groups.push({
      state: row.state,
      exit_code: row.exit_code,
      signal: row.signal,
      count: row.count,
      executions: members(row),
      sample: sample.lines.join('\n'),
      sample_is_cut: sample.isCut,
      diff:
        diff === undefined
          ? null
          : { lines: [...diff.lines], cut: diff.cut || sample.isCut || largest.isCut },
    });
  }
  const over = visible.filter(isOver).length;
  const identical = rows[0]?.count ?? 0;
  return {
    identical,
    differing: over - identical,
    unfinished: visible.length - over,
    groups,
    more_groups: rows.length - groups.length,
  };
};
