/**
 * Reads what an agent has kept, as fast as whoever asked for it takes it: the agent reads its files no
 * faster than that either. On a connection of its own, of which each agent has a few.
 */
import type { LogDropped, LogEvent } from '@innkeeper/protocol';
import { pullFailure } from '../../pull/failure.ts';
import type { PullFailure } from '../../pull/pull-result.ts';
import { placeOf, type AgentPlace } from '../../vms/agent-place.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import { LOG_LIMITS, type LogLimits } from '../limits.ts';
import {
  makeLogConnection,
  type ConnectionDependencies,
  type LogConnection,
} from '../upstream/log-connection.ts';
import type { LogQuestion } from '../upstream/log-target.ts';

export type LogItem =
  /** `bytes`: about what it has as JSON. */
  | { readonly kind: 'line'; readonly line: LogEvent; readonly bytes: number }
  | { readonly kind: 'dropped'; readonly dropped: LogDropped };

export interface LogReading {
  /** What has come since; undefined: there is no more. */
  next(): Promise<readonly LogItem[] | undefined>;
  /** Why it ended before its end; undefined: it did not. */
  problem(): PullFailure | undefined;
  close(): Promise<void>;
}

export type OpenedReading =
  | { readonly ok: true; readonly reading: LogReading }
  | { readonly ok: false; readonly failure: PullFailure; readonly isBusy: boolean };

export interface ReadingOptions {
  readonly lastEventId?: string | undefined;
  readonly signal?: AbortSignal;
  /** It lasts as long as its reader likes. */
  readonly isLong?: boolean;
}

export interface LogReader {
  open(
    vm: VmRecord,
    question: Omit<LogQuestion, 'follow'>,
    options?: ReadingOptions,
  ): Promise<OpenedReading>;
  readings(): number;
}

export interface LogReaderDependencies extends Omit<ConnectionDependencies, 'limits'> {
  readonly limits?: Partial<LogLimits>;
}

/** Waits for whoever reads; a chunk more may come before the agent is held. */
const MAX_WAITING_BYTES = 256 * 1024;

/** As JSON, and in memory while it waits. */
const DROPPED_BYTES = 200;

interface Waiting {
  items: LogItem[];
  bytes: number;
  isOver: boolean;
  problem: PullFailure | undefined;
  wake: () => void;
}

const refusedFor = (vm: VmRecord, kind: 'no_guest_ip' | 'http', what: string): OpenedReading => ({
  ok: false,
  failure: pullFailure(kind, vm.name, what),
  isBusy: kind === 'http',
});

const makeReading = (
  connection: LogConnection,
  waiting: Waiting,
  close: () => Promise<void>,
): LogReading => ({
  next: async () => {
    // A heartbeat, or a part of a long line, is nothing to give and no end either.
    while (waiting.items.length === 0 && !waiting.isOver) {
      await new Promise<void>((resolve) => {
        waiting.wake = resolve;
      });
    }
    const { items } = waiting;
    if (items.length === 0) return undefined;
    const wasFull = waiting.bytes > MAX_WAITING_BYTES;
    waiting.items = [];
    waiting.bytes = 0;
    if (wasFull) connection.resume();
    return items;
  },
  problem: () => waiting.problem,
  close,
});

export const makeLogReader = (dependencies: LogReaderDependencies): LogReader => {
  const limits: LogLimits = { ...LOG_LIMITS, ...dependencies.limits };
  const byVm = new Map<string, { all: number; long: number }>();
  let readings = 0;

  const count = (vmId: string, isLong: boolean, difference: 1 | -1): void => {
    const own = byVm.get(vmId) ?? { all: 0, long: 0 };
    own.all += difference;
    if (isLong) own.long += difference;
    if (own.all === 0) byVm.delete(vmId);
    else byVm.set(vmId, own);
    readings += difference;
  };

  const hasRoom = (vmId: string, isLong: boolean): boolean => {
    const { all, long } = byVm.get(vmId) ?? { all: 0, long: 0 };
    if (isLong && long >= limits.maxLongReadingsPerVm) return false;
    return all < limits.maxReadingsPerVm && readings < limits.maxReadings;
  };

  const connect = (vm: VmRecord, place: AgentPlace, waiting: Waiting): LogConnection => {
    const addDropped = (dropped: LogDropped): void => {
      waiting.items.push({ kind: 'dropped', dropped });
      waiting.bytes += DROPPED_BYTES;
    };
    const connection = makeLogConnection({
      ...dependencies,
      limits,
      vm,
      place,
      events: {
        line: (line, text) => {
          waiting.items.push({ kind: 'line', line, bytes: text.length });
          waiting.bytes += text.length;
        },
        dropped: addDropped,
        bad: () => addDropped({ count: null, reason: 'damaged' }),
        chunk: () => {
          if (waiting.bytes > MAX_WAITING_BYTES) connection.pause();
          waiting.wake();
        },
        over: (failure, end) => {
          waiting.isOver = true;
          waiting.problem = end?.reason === 'complete' ? undefined : failure;
          waiting.wake();
        },
      },
    });
    return connection;
  };

  return {
    readings: () => readings,
    open: async (vm, question, { lastEventId, signal, isLong = false } = {}) => {
      const place = placeOf(vm);
      if (place === undefined) return refusedFor(vm, 'no_guest_ip', 'has no address yet');
      if (!hasRoom(vm.id, isLong)) {
        return refusedFor(vm, 'http', 'its logs are being read too often at once');
      }
      const waiting: Waiting = {
        items: [],
        bytes: 0,
        isOver: false,
        problem: undefined,
        wake: () => undefined,
      };
      const connection = connect(vm, place, waiting);
      count(vm.id, isLong, 1);
      let closed: Promise<void> | undefined;
      const close = async (): Promise<void> => {
        closed ??= (async () => {
          signal?.removeEventListener('abort', onAbort);
          if (!waiting.isOver) {
            waiting.problem = pullFailure('unreachable', connection.where, 'not read to its end');
          }
          waiting.isOver = true;
          waiting.wake();
          await connection.close();
          count(vm.id, isLong, -1);
        })();
        return closed;
      };
      const onAbort = (): void => void close();
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted === true) onAbort();
      const asking = connection.open({ ...question, follow: false }, lastEventId, () => undefined);
      const answer = await asking.catch(async (error: unknown) => {
        await close();
        throw error;
      });
      if (answer.ok) return { ok: true, reading: makeReading(connection, waiting, close) };
      await close();
      return { ok: false, failure: answer.failure, isBusy: answer.status === 429 };
    },
  };
};
