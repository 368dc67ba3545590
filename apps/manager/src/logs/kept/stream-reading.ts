/**
 * Reads what the stream of a VM brings, from where the last reading ended, also that of a manager
 * before this one.
 *
 * After a restart the recorder is the first to open a stream, and opens it some seconds before where
 * it was: viewers were not all as far, and they come back a little later. What the hub holds for one
 * who has not read it yet, it holds for all, so the recorder waits for them before it reads.
 */
import type { LogEntry } from '@innkeeper/protocol';
import type { Clock } from '../../clock.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import type { HubMembership, HubState, LogHub } from '../hub/log-hub.ts';
import type { Positions } from './positions.ts';
import type { RecorderCounts } from './recorder-counts.ts';

export interface StreamReading {
  join(): void;
  leave(): void;
  /** Whether there is something to read by now, of which nobody has told. */
  poll(): void;
  /** Does not wait for viewers any longer. */
  readAll(): void;
  readonly state: HubState['state'] | 'apart';
}

/** Entries at a time: a chunk from an agent has fewer. */
const READ_ENTRIES = 1_000;
/** A page tries again at least every few seconds. */
const WAIT_MS = 10_000;
/** Half of what the hub holds for one who is behind. */
const WAIT_ENTRIES = 10_000;
const WAIT_BYTES = 4 * 1024 * 1024;
/** How far before its place a stream is opened again, at least; twice as far at most. */
const BEFORE_MS = 10_000;

export const makeStreamReading = ({
  vm,
  hub,
  positions,
  counts,
  clock,
  look,
  changed,
}: {
  readonly vm: () => VmRecord;
  readonly hub: Pick<LogHub, 'join'>;
  readonly positions: Pick<Positions, 'of' | 'note'>;
  readonly counts: RecorderCounts;
  readonly clock: Clock;
  readonly look: (entry: LogEntry, now: number) => void;
  readonly changed: (state: HubState) => void;
}): StreamReading => {
  let membership: HubMembership | undefined;
  /** Undefined: not decided yet. */
  let seq: number | undefined;
  let waitUntilMs = 0;
  let cursor: string | undefined;
  let previous: string | undefined;
  let resumeAfter: string | undefined;
  let shiftedMs = Number.NEGATIVE_INFINITY;

  const note = (): void => {
    const nowMs = clock.monotonicMs();
    if (nowMs - shiftedMs >= BEFORE_MS) {
      shiftedMs = nowMs;
      resumeAfter = previous ?? resumeAfter;
      previous = cursor;
    }
    const { key: vmKey, id: vmId, name } = vm();
    positions.note({ vmKey, vmId, name, cursor, resumeAfter: resumeAfter ?? previous });
  };

  const decide = ({ stream }: HubMembership, isLast: boolean): number | undefined => {
    if (cursor === undefined) return stream.oldest() - 1;
    const first = stream.oldest() - 1;
    const isFull = stream.newest() - first >= WAIT_ENTRIES || stream.bytes() >= WAIT_BYTES;
    if (!isLast && !isFull && clock.monotonicMs() < waitUntilMs) return undefined;
    const found = stream.find(cursor);
    if (found !== undefined) return found;
    // The agent does not know our place any more, or somebody else had opened the stream elsewhere.
    if (stream.newest() > 0) counts.gaps += 1;
    return first;
  };

  const read = (isLast: boolean): void => {
    if (membership === undefined) return;
    seq ??= decide(membership, isLast);
    if (seq === undefined) return;
    const { stream } = membership;
    const now = clock.now();
    const before = cursor;
    while (seq < stream.newest()) {
      const { entries, dropped, through } = stream.read(seq, READ_ENTRIES);
      if (through <= seq) break;
      counts.dropped.slow += dropped;
      for (const entry of entries) {
        look(entry, now);
        if ('cursor' in entry) ({ cursor } = entry);
      }
      seq = through;
    }
    if (cursor !== before) note();
  };

  return {
    join: () => {
      const position = positions.of(vm().key);
      cursor = position?.cursor;
      previous = cursor;
      resumeAfter = position?.resumeAfter;
      shiftedMs = clock.monotonicMs();
      waitUntilMs = shiftedMs + WAIT_MS;
      seq = undefined;
      const listener = { isPatient: true, arrived: () => read(false), changed };
      membership = hub.join(vm(), undefined, listener, resumeAfter ?? cursor);
      changed(membership.stream.state());
      read(false);
    },
    leave: () => {
      membership?.leave();
      membership = undefined;
    },
    poll: () => {
      if (membership !== undefined && seq === undefined) read(false);
    },
    readAll: () => read(true),
    get state() {
      return membership?.stream.state().state ?? 'apart';
    },
  };
};
