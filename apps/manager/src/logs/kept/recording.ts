/**
 * One VM that is recorded: reads what its stream brings, keeps what its policy says, and holds the
 * last lines of any level for the case that its agent is lost.
 */
import type { KeptLevel, LogEntry, LogEvent, LogPolicy } from '@innkeeper/protocol';
import type { Clock } from '../../clock.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import type { HubState, LogHub } from '../hub/log-hub.ts';
import type { Allowances, Verdict } from './allowances.ts';
import { leastLevel, levelNumber, toKeptRow, type KeptRow } from './kept-row.ts';
import { makeLastLines, type PackedRoom } from './last-lines.ts';
import type { Positions } from './positions.ts';
import type { RecorderCounts } from './recorder-counts.ts';
import { makeStreamReading } from './stream-reading.ts';

export interface RecordingParts {
  readonly hub: Pick<LogHub, 'join'>;
  readonly positions: Pick<Positions, 'of' | 'note'>;
  readonly allowances: Pick<Allowances, 'take'>;
  readonly room: PackedRoom;
  readonly add: (row: KeptRow) => void;
  readonly counts: RecorderCounts;
  readonly clock: Clock;
  /** How long lines are kept: an older time is none of a line that comes now. */
  readonly keepMs: number;
}

export interface Recording {
  readonly vm: VmRecord;
  update(vm: VmRecord, policy: LogPolicy): void;
  join(): void;
  leave(): void;
  /** Leaves for good: what it holds is gone. */
  end(): void;
  readonly state: HubState['state'] | 'apart';
  /** Since when the agent has not been there, by the monotonic clock; undefined: it is, or never was. */
  readonly lostMs: number | undefined;
  readonly hasLastWords: boolean;
  /** Keeps the last lines; once they are kept, there are none. */
  keepLastWords(): void;
  /** The VM is deleted: what has come of it is kept, and its last words where its agent is away. */
  finish(): void;
  /** From time to time: what waited for viewers is read. */
  poll(): void;
  tidy(): void;
}

const thresholdOf = (keep: KeptLevel): number =>
  keep === 'nothing' ? Number.POSITIVE_INFINITY : leastLevel(keep);

export const makeRecording = (
  firstVm: VmRecord,
  firstPolicy: LogPolicy,
  { hub, positions, allowances, room, add, counts, clock, keepMs }: RecordingParts,
): Recording => {
  const lastLines = makeLastLines(room);
  let vm = firstVm;
  let policy = firstPolicy;
  let wasLive = false;
  let lostMs: number | undefined;

  const isOfLevel = (line: LogEvent): boolean =>
    levelNumber(line.level) >= thresholdOf(policy.keep);

  /** Undefined: it is kept. A refusal is to be counted by whoever asked. */
  const keep = (
    line: LogEvent,
    receivedAt: number,
    keptFor: 'level' | 'last_words',
  ): Exclude<Verdict, 'allowed'> | undefined => {
    const oldest = receivedAt - keepMs;
    const row = toKeptRow(line, { vmKey: vm.key, source: undefined, receivedAt, keptFor, oldest });
    const verdict = allowances.take(vm.key, row.bytes, keptFor);
    if (verdict !== 'allowed') return verdict;
    counts.taken[keptFor] += 1;
    add(row);
    return undefined;
  };

  const look = (entry: LogEntry, now: number): void => {
    if ('mark' in entry) {
      if (entry.mark !== 'rebooted' && entry.count !== 0) {
        counts.gaps += 1;
        counts.dropped.lost += entry.count ?? 0;
      }
      return;
    }
    counts.seen += 1;
    if (isOfLevel(entry)) {
      const refusal = keep(entry, now, 'level');
      if (refusal === undefined) return;
      counts.dropped[refusal] += 1;
    }
    // What was too much to be kept may still be the last that the VM says.
    if (policy.last_words) lastLines.add(now, entry);
  };

  const changed = ({ state }: HubState): void => {
    if (state === 'live') {
      wasLive = true;
      lostMs = undefined;
    } else if (wasLive) lostMs ??= clock.monotonicMs();
  };

  const stream = makeStreamReading({
    vm: () => vm,
    hub,
    positions,
    counts,
    clock,
    look,
    changed,
  });

  const leave = (): void => {
    stream.leave();
    wasLive = false;
  };

  const keepLastWords = (): void => {
    stream.readAll();
    counts.losses += 1;
    for (const { receivedAt, line } of lastLines.read()) {
      const refusal = keep(line, receivedAt, 'last_words');
      // Those that were to be kept for their level are counted already.
      if (refusal !== undefined && !isOfLevel(line)) counts.dropped[refusal] += 1;
    }
    lastLines.clear();
  };

  return {
    get vm() {
      return vm;
    },
    update: (nextVm, nextPolicy) => {
      if (nextVm.name !== vm.name) {
        const { key: vmKey, id: vmId, name } = nextVm;
        const { cursor, resumeAfter } = positions.of(vmKey) ?? {};
        positions.note({ vmKey, vmId, name, cursor, resumeAfter });
      }
      vm = nextVm;
      policy = nextPolicy;
      if (!policy.last_words) lastLines.clear();
    },
    join: () => stream.join(),
    leave,
    end: () => {
      leave();
      lastLines.clear();
    },
    get state() {
      return stream.state;
    },
    get lostMs() {
      return lostMs;
    },
    get hasLastWords() {
      return lastLines.lines > 0;
    },
    keepLastWords,
    finish: () => {
      stream.readAll();
      if (lostMs !== undefined && lastLines.lines > 0) keepLastWords();
    },
    poll: () => stream.poll(),
    tidy: () => {
      // While nobody answers, the last ten minutes are those before.
      if (lostMs === undefined) lastLines.tidy(clock.now());
    },
  };
};
