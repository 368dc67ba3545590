/**
 * What a VM has logged and logs, for one caller over HTTP: what its agent has kept, by a query of its
 * own, then what comes, out of the hub, without a hole between the two and without a line twice.
 */
import type { LogEnd, LogEvent, LogFilter, LogSource } from '@innkeeper/protocol';
import type { Clock } from '../../clock.ts';
import type { AnswerOut } from '../../http/route.ts';
import { pullFailure } from '../../pull/failure.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import { collectLines } from '../hub/collect-lines.ts';
import type { HubMembership, HubState, LogHub } from '../hub/log-hub.ts';
import { mayOpenAt, notBefore } from '../log-cursor.ts';
import { makeLineFilter } from '../line-filter.ts';
import type { LogItem, LogReader, LogReading, OpenedReading } from '../read/log-reader.ts';
import type { LogQuestion } from '../upstream/log-target.ts';
import { makeBell, type Bell } from './bell.ts';
import { findLine } from './find-line.ts';
import { isGiven, isPast, noteGiven, nothingGiven, type Given } from './given-lines.ts';
import { droppedText, endText, entryText, HEARTBEAT, lineText, stateText } from './sse-text.ts';

export interface FollowDependencies {
  readonly reader: Pick<LogReader, 'open'>;
  readonly hub: Pick<LogHub, 'join' | 'retryNow' | 'held' | 'hasRoom'>;
  readonly clock: Clock;
}

export type Following =
  | { readonly ok: true; readonly run: (out: AnswerOut) => Promise<void> }
  | Extract<OpenedReading, { ok: false }>;

const HEARTBEAT_MS = 15_000;
const MOST = { lines: 1_000, bytes: 256 * 1024 };

const ENDS: Readonly<Record<string, LogEnd>> = {
  stopping: { reason: 'stopping', message: 'the manager is stopping' },
  session_ended: { reason: 'failed', message: 'the token or session has ended' },
  forbidden: { reason: 'failed', message: 'the VM is gone, or no longer yours to see' },
};

const textOfItems = (items: readonly LogItem[]): string =>
  items
    .map((item) => (item.kind === 'line' ? lineText(item.line) : droppedText(item.dropped)))
    .join('');

/** What was kept, to its end. */
export const relayReading = async (
  reading: LogReading,
  { signal, write }: AnswerOut,
  onItems: (items: readonly LogItem[]) => void,
): Promise<void> => {
  const onAbort = (): void => void reading.close();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  // A search that finds little may be silent for long.
  const beat = setInterval(() => void write(HEARTBEAT), HEARTBEAT_MS);
  try {
    for (let items = await reading.next(); items !== undefined; items = await reading.next()) {
      onItems(items);
      await write(textOfItems(items));
      if (signal.aborted) break;
    }
  } finally {
    clearInterval(beat);
    signal.removeEventListener('abort', onAbort);
    await reading.close();
  }
};

export const tellEnd = async ({ signal, write }: AnswerOut, end: LogEnd): Promise<void> =>
  write(endText(ENDS[String(signal.reason)] ?? end));

/** The last line that there is now. */
const readLast = async (
  reader: FollowDependencies['reader'],
  vm: VmRecord,
  source: LogSource | undefined,
  signal: AbortSignal,
): Promise<Extract<OpenedReading, { ok: false }> | { ok: true; line: LogEvent | undefined }> => {
  const opened = await reader.open(vm, { source, tail: 1 }, { signal });
  if (!opened.ok) return opened;
  let line: LogEvent | undefined;
  const { reading } = opened;
  for (let items = await reading.next(); items !== undefined; items = await reading.next()) {
    for (const item of items) if (item.kind === 'line') ({ line } = item);
  }
  const failure = reading.problem();
  await reading.close();
  return failure === undefined ? { ok: true, line } : { ok: false, failure, isBusy: false };
};

interface Live {
  readonly membership: HubMembership;
  readonly bell: Bell;
  /** What has changed since it was last told. */
  readonly states: HubState[];
}

const joinHub = (
  hub: FollowDependencies['hub'],
  vm: VmRecord,
  source: LogSource | undefined,
  cursor: string | undefined,
  limit?: number,
): Live => {
  const bell = makeBell();
  const states: HubState[] = [];
  const membership = hub.join(
    vm,
    source,
    {
      arrived: () => bell.ring(),
      changed: (state) => {
        // Only how it is now matters to whoever was too slow to hear of it.
        states.splice(0, states.length, state);
        bell.ring();
      },
    },
    cursor,
    limit,
  );
  hub.retryNow(vm.id);
  return { membership, bell, states };
};

/** What comes after `position`, for as long as the caller wants it. */
const relayLive = async (
  { membership, bell, states }: Live,
  out: AnswerOut,
  from: { readonly position: number; readonly given: Given },
  filter: LogFilter,
): Promise<void> => {
  const { signal, write } = out;
  const isWanted = makeLineFilter(filter);
  let { position } = from;
  while (!signal.aborted) {
    let text = states.splice(0).map(stateText).join('');
    const read = collectLines(membership.stream, position, isWanted, MOST);
    ({ position } = read);
    if (read.dropped > 0) text += droppedText({ count: read.dropped, reason: 'slow' });
    for (const entry of read.lines) {
      if ('mark' in entry || !isGiven(from.given, entry.cursor)) text += entryText(entry);
    }
    if (text !== '') await write(text);
    else if (position >= membership.stream.newest() && !(await bell.wait(HEARTBEAT_MS, signal))) {
      await write(HEARTBEAT);
    }
  }
};

const UNKNOWN_GAP = droppedText({ count: null, reason: 'slow' });

export const followLogs = async (
  { reader, hub, clock }: FollowDependencies,
  vm: VmRecord,
  question: Omit<LogQuestion, 'follow' | 'until'>,
  lastEventId: string | undefined,
  signal: AbortSignal,
): Promise<Following> => {
  const { source, ...filter } = question;
  const run =
    (live: Live, work: (out: AnswerOut) => Promise<void>) =>
    async (out: AnswerOut): Promise<void> => {
      try {
        await work(out);
        await tellEnd(out, { reason: 'stopping' });
      } finally {
        live.membership.leave();
      }
    };

  if (lastEventId !== undefined) {
    const mayOpen = mayOpenAt(lastEventId, source, clock.now());
    const live = joinHub(
      hub,
      vm,
      source,
      mayOpen ? lastEventId : undefined,
      notBefore(clock.now()),
    );
    const { stream } = live.membership;
    const position = stream.find(lastEventId);
    // What came after it may be gone by now; the agent still has it.
    if (position !== undefined && position >= stream.oldest() - 1) {
      const from = { position, given: nothingGiven() };
      return { ok: true, run: run(live, async (out) => relayLive(live, out, from, filter)) };
    }
    live.membership.leave();
  }

  const last = await readLast(reader, vm, source, signal);
  if (!last.ok) {
    // Its agent does not answer: what the hub has is better than nothing, and it goes on from there.
    if (last.isBusy || (hub.held(vm.id, source) ?? []).length === 0) return last;
    const live = joinHub(hub, vm, source, undefined);
    live.states.push(live.membership.stream.state());
    const from = { position: live.membership.stream.oldest() - 1, given: nothingGiven() };
    return {
      ok: true,
      run: run(live, async (out) => {
        if (lastEventId !== undefined) await out.write(UNKNOWN_GAP);
        await relayLive(live, out, from, filter);
      }),
    };
  }
  // Others may have come while the agent was asked.
  if (!hub.hasRoom(vm.id, source)) {
    const failure = pullFailure('http', vm.name, 'too many streams of its logs are open');
    return { ok: false, failure, isBusy: true };
  }
  const { line: lastLine } = last;
  const live = joinHub(hub, vm, source, lastLine?.cursor);
  const { stream } = live.membership;
  /** What the hub had then, the query has as well. */
  const joinedAt = stream.newest();
  const lastAt = lastLine === undefined ? joinedAt : stream.find(lastLine.cursor);
  const opened = await reader.open(vm, question, { lastEventId, signal, isLong: true });
  if (!opened.ok) {
    live.membership.leave();
    return opened;
  }
  return {
    ok: true,
    run: run(live, async (out) => {
      const given = nothingGiven();
      await relayReading(opened.reading, out, (items) => noteGiven(given, items));
      const problem = opened.reading.problem();
      if (problem !== undefined) await out.write(droppedText({ count: null, reason: 'damaged' }));
      const isAhead = problem === undefined && isPast(given, lastLine, question);
      const { last: newest = '' } = given;
      // What was before the first of a short tail is not to come behind its last.
      const pastAt = isAhead ? await findLine(live, newest, out.signal) : stream.find(newest);
      if (pastAt !== undefined) given.cursors.clear();
      const known = pastAt ?? lastAt;
      const found = known ?? (await findLine(live, lastLine?.cursor ?? '', out.signal));
      if (found === undefined) await out.write(UNKNOWN_GAP);
      // Of what nobody knows how much is missing, what is gone is not counted either.
      const from = found ?? Math.max(joinedAt, stream.oldest() - 1);
      const position = Math.max(from, lastAt ?? 0);
      await relayLive(live, out, { position, given }, filter);
    }),
  };
};
