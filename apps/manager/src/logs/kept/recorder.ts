/**
 * Listens to the logs of each VM whose policy keeps something: joins the hub for it, a few at a time,
 * and leaves when there is nothing to keep any more.
 */
import type { Clock } from '../../clock.ts';
import { agentKeyOf } from '../../vms/agent-place.ts';
import type { VmChange, VmRecord, Vms } from '../../vms/vm-record.ts';
import type { LogHub } from '../hub/log-hub.ts';
import type { Allowances } from './allowances.ts';
import { joinSome, JOINS_PER_TICK, leaveRefused, type Queued } from './join-queue.ts';
import type { KeptRow } from './kept-row.ts';
import { makePackedRoom } from './last-lines.ts';
import { keepWordsOfLost, LAST_WORDS_LIMITS, type LastWordsLimits } from './last-words.ts';
import type { LogPolicyStore } from './policies.ts';
import type { Positions } from './positions.ts';
import { makeRecorderCounts, type RecorderCounts } from './recorder-counts.ts';
import { makeRecording, type Recording } from './recording.ts';

export interface RecorderStats extends Readonly<RecorderCounts> {
  /** VMs of which something is to be kept. */
  readonly recorded: number;
  /** Of them, those whose lines come in just now. */
  readonly live: number;
  /** Last lines of all VMs, packed. */
  readonly packedBytes: number;
  /** Runs of last lines that made room for others before they were ten minutes old. */
  readonly packedReleased: number;
}

export interface Recorder {
  start(): void;
  stop(): void;
  stats(): RecorderStats;
}

export interface RecorderOptions {
  readonly tickMs?: number;
  readonly joinsPerTick?: number;
  readonly lastWords?: Partial<LastWordsLimits>;
  readonly packedBytes?: number;
  readonly returnMs?: number;
}

const TICK_MS = 1_000;
const TIDY_MS = 10_000;
/**
 * After a start, of a VM of which no place is known: pages that were there before the manager was
 * come back within ten seconds, and the stream is then opened where they had come to.
 */
const RETURN_MS = 12_000;
/** Of last lines of all VMs: of 1,000 of which each has the most that it may have, about 180 MB. */
const PACKED_BYTES = 128 * 1024 * 1024;
interface Entry extends Queued {
  readonly recording: Recording;
}

export const makeRecorder = ({
  hub,
  vms,
  policies,
  positions,
  allowances,
  add,
  freeBytes,
  clock,
  random,
  keepMs,
  options = {},
}: {
  readonly hub: Pick<LogHub, 'join' | 'hasRoom'>;
  readonly vms: Pick<Vms, 'all' | 'onChange'>;
  readonly policies: Pick<LogPolicyStore, 'policyOf' | 'onChange'>;
  readonly positions: Pick<Positions, 'of' | 'note' | 'forget'>;
  readonly allowances: Pick<Allowances, 'take' | 'forget'>;
  readonly add: (row: KeptRow) => void;
  /** Of the buffer of what waits to be written. */
  readonly freeBytes: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly keepMs: number;
  readonly options?: RecorderOptions;
}): Recorder => {
  const { tickMs = TICK_MS, joinsPerTick = JOINS_PER_TICK, returnMs = RETURN_MS } = options;
  const limits = { ...LAST_WORDS_LIMITS, ...options.lastWords };
  const room = makePackedRoom(options.packedBytes ?? PACKED_BYTES);
  const counts = makeRecorderCounts();
  const parts = { hub, positions, allowances, room, add, counts, clock, keepMs };
  const entries = new Map<string, Entry>();
  let timer: NodeJS.Timeout | undefined;
  let tidiedMs = Number.NEGATIVE_INFINITY;
  let stopListening: readonly (() => void)[] = [];

  function* recordings(): Generator<Recording> {
    for (const { recording } of entries.values()) yield recording;
  }

  const end = (vm: VmRecord): void => {
    entries.get(vm.id)?.recording.end();
    entries.delete(vm.id);
  };

  /** Whether it is recorded, and how, after it or the policies have changed. */
  const consider = (vm: VmRecord, joinInMs = 0): void => {
    const policy = policies.policyOf(vm);
    const known = entries.get(vm.id);
    if (policy.keep === 'nothing' && !policy.last_words) {
      end(vm);
      return;
    }
    if (known === undefined) {
      const recording = makeRecording(vm, policy, parts);
      entries.set(vm.id, { recording, joinAtMs: clock.monotonicMs() + joinInMs });
      return;
    }
    const { recording } = known;
    const isMoved = agentKeyOf(recording.vm) !== agentKeyOf(vm);
    if (isMoved && known.joinAtMs !== undefined) known.joinAtMs = clock.monotonicMs();
    recording.update(vm, policy);
  };

  const changed = (change: VmChange): void => {
    const { kind, vm } = change;
    if (kind !== 'removed') {
      consider(vm);
      return;
    }
    entries.get(vm.id)?.recording.finish();
    end(vm);
    allowances.forget(vm.key);
    positions.forget(vm.key);
  };

  const tick = (): void => {
    const nowMs = clock.monotonicMs();
    joinSome(entries.values(), { nowMs, hub, most: joinsPerTick });
    for (const recording of recordings()) recording.poll();
    leaveRefused(entries.values(), { nowMs, random });
    keepWordsOfLost(recordings(), { nowMs, limits, freeBytes });
    if (nowMs - tidiedMs < TIDY_MS) return;
    tidiedMs = nowMs;
    for (const recording of recordings()) recording.tidy();
  };

  return {
    start: () => {
      for (const vm of vms.all()) {
        consider(vm, positions.of(vm.key)?.resumeAfter === undefined ? returnMs : 0);
      }
      stopListening = [
        vms.onChange(changed),
        policies.onChange(() => {
          for (const vm of vms.all()) consider(vm);
        }),
      ];
      tick();
      timer = setInterval(tick, tickMs);
    },
    stop: () => {
      clearInterval(timer);
      for (const stopOne of stopListening) stopOne();
      for (const recording of recordings()) recording.end();
      entries.clear();
    },
    stats: () => {
      let live = 0;
      for (const { state } of recordings()) if (state === 'live') live += 1;
      return {
        ...counts,
        recorded: entries.size,
        live,
        packedBytes: room.bytes,
        packedReleased: room.released,
      };
    },
  };
};
