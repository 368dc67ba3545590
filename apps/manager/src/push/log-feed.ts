/**
 * One stream of logs for one client: first what there is, then what comes, at most so many batches a
 * second, of which two may be under way. What waits stays in the hub's ring; whoever is too slow for
 * that is told how many entries are missing.
 */
import type {
  LogEntry,
  LogHistory,
  LogLines,
  LogPosition,
  LogSource,
  LogState,
} from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { LineFilter } from '../logs/line-filter.ts';
import type { HubState, HubStream, LogHub } from '../logs/hub/log-hub.ts';
import { collectLines } from '../logs/hub/collect-lines.ts';
import { notBefore } from '../logs/log-cursor.ts';
import { placeToBegin } from '../logs/hub/place-to-begin.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { LogWindow } from './log-window.ts';
import { makeUnderWay } from './under-way.ts';
import type { PushLimits } from './limits.ts';

export interface LogFeedSender {
  state(state: LogState): void;
  history(history: LogHistory, received: () => void): void;
  lines(lines: LogLines, received: () => void): void;
}

export interface LogFeedCounters {
  batchesSent: number;
  linesSent: number;
  /** Entries that a client was too slow for. */
  linesDropped: number;
}

export interface LogFeed {
  /** Again: with another filter, or from another place. */
  start(filter: LineFilter | undefined, after: LogPosition | undefined): void;
  stop(): void;
  /** When the oldest batch that is under way was sent. */
  owesSince(): number | undefined;
}

export interface LogFeedDependencies {
  readonly hub: Pick<LogHub, 'join'>;
  readonly vm: VmRecord;
  readonly source: LogSource | undefined;
  /** Where the stream has to be opened for this client. */
  readonly resumeAfter: string | undefined;
  readonly sender: LogFeedSender;
  readonly window: LogWindow;
  readonly limits: PushLimits;
  readonly counters: LogFeedCounters;
  readonly clock: Clock;
}

const FIND_EVERY_MS = 100;
/** How often a client whose filter lets nothing through is told how far it is. */
const THROUGH_EVERY_MS = 5_000;

const wireState = (state: HubState): Omit<LogState, 'vm_id'> => ({
  state: state.state,
  since: state.since,
  retry_at: state.retryAt ?? null,
  failure: state.failure ?? null,
});

export const makeLogFeed = (dependencies: LogFeedDependencies): LogFeed => {
  const { hub, vm, source, sender, window, limits, counters, clock } = dependencies;
  const name = { vm_id: vm.id, ...(source !== undefined && { source }) };
  const monotonicMs = (): number => clock.monotonicMs();
  const underWay = makeUnderWay(window, monotonicMs, () => flush());
  const most = { lines: limits.logBatchLines, bytes: limits.logBatchBytes };
  let filter: LineFilter | undefined;
  let position = 0;
  let told = 0;
  let dropped = 0;
  /** What the next batch is: undefined after the history. */
  let history: { readonly fresh: boolean } | undefined;
  /** Looked for in the stream before anything is sent. */
  let sought: { readonly after: LogPosition | undefined } | undefined;
  let sentAtMs = Number.NEGATIVE_INFINITY;
  /** Nothing is sent before it. */
  let timer: NodeJS.Timeout | undefined;
  let throughTimer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const tellState = (state: HubState): void => sender.state({ ...name, ...wireState(state) });

  const later = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      flush();
    }, ms);
  };

  /** False: where to begin is not known yet. */
  const seek = (stream: HubStream): boolean => {
    if (sought === undefined) return true;
    const beginning = placeToBegin(stream, sought.after, clock.now());
    if (beginning === undefined) return false;
    sought = undefined;
    position = beginning.seq;
    told = position;
    dropped = 0;
    history = { fresh: beginning.isFresh };
    return true;
  };

  const send = (lines: readonly LogEntry[], bytes: number): void => {
    const batch: LogLines = {
      ...name,
      epoch: membership.stream.epoch,
      lines: [...lines],
      dropped,
      through: position,
    };
    const received = underWay.begin(bytes);
    const first = history;
    history = undefined;
    dropped = 0;
    told = position;
    sentAtMs = monotonicMs();
    counters.batchesSent += 1;
    counters.linesSent += lines.length;
    if (first === undefined) sender.lines(batch, received);
    else sender.history({ ...batch, fresh: first.fresh }, received);
  };

  const tellThrough = (): void => {
    throughTimer = undefined;
    flush();
  };

  const flush = (): void => {
    if (isStopped || timer !== undefined || !underWay.hasRoom()) return;
    const { stream } = membership;
    if (!seek(stream)) {
      later(FIND_EVERY_MS);
      return;
    }
    if (history === undefined && position >= stream.newest() && position === told) return;
    if (!window.hasRoom()) {
      window.wait(flush);
      return;
    }
    const sinceSentMs = monotonicMs() - sentAtMs;
    if (history === undefined && sinceSentMs < limits.logIntervalMs) {
      later(limits.logIntervalMs - sinceSentMs);
      return;
    }
    const { lines, bytes, ...collected } = collectLines(stream, position, filter, most);
    ({ position } = collected);
    dropped += collected.dropped;
    counters.linesDropped += collected.dropped;
    const isNews = history !== undefined || lines.length > 0 || dropped > 0;
    if (isNews || sinceSentMs >= THROUGH_EVERY_MS) send(lines, bytes);
    if (position < stream.newest()) later(limits.logIntervalMs);
    else if (position > told) throughTimer ??= setTimeout(tellThrough, THROUGH_EVERY_MS);
  };

  const membership = hub.join(
    vm,
    source,
    { arrived: () => flush(), changed: tellState },
    dependencies.resumeAfter,
    notBefore(clock.now()),
  );

  return {
    start: (wanted, after) => {
      clearTimeout(timer);
      timer = undefined;
      filter = wanted;
      sought = { after };
      tellState(membership.stream.state());
      flush();
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      clearTimeout(throughTimer);
      window.withdraw(flush);
      underWay.end();
      membership.leave();
    },
    owesSince: () => underWay.since(),
  };
};
