/** What every source of log lines does: first what it has kept, then what comes, without a seam. */
import type { LogDropped } from '@innkeeper/protocol';
import type { Clock } from '../platform/platform.ts';
import type { LogRecord } from './log-record.ts';

export interface LogQuery {
  readonly follow: boolean;
  /** The last so many that match; undefined: all from `sinceMs` or `after` on. */
  readonly tail: number | undefined;
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  /** The cursor of the last one that the client has; it wants all that come after. */
  readonly after: string | undefined;
  /** How late a line may be seen; undefined: as soon as the source sees it. */
  readonly paceMs: number | undefined;
  readonly matches: (record: LogRecord) => boolean;
}

export interface LogSink {
  /** One that matches. */
  record(record: LogRecord): void;
  /** Lines that the source itself has lost; undefined where it cannot tell how many. */
  missed(count: number | undefined, reason: LogDropped['reason']): void;
  /** Nothing more will come, because no more was asked for. */
  done(): void;
  failed(message: string): void;
}

export interface LogReader {
  /**
   * Goes on with what is kept, for a few milliseconds. `live`: from now on the sink gets what comes
   * as it comes, and this is not called again. `done`: nothing more will come.
   */
  advance(): 'more' | 'live' | 'done';
  /** Gives at once what has come up to now; only where one that is live looks from time to time. */
  catchUp?(): void;
  close(): void;
}

export type OpenedLog =
  | { readonly ok: true; readonly reader: LogReader }
  | { readonly ok: false; readonly status: 403 | 404 | 422 | 503; readonly message: string };

export interface LogSource {
  open(query: LogQuery, sink: LogSink): OpenedLog;
}

/** How long a reader may keep the agent from everything else, and how often it looks. */
const SLICE_MS = 4;
const SLICE_RECORDS = 16;

export const isSliceOver = (
  clock: Pick<Clock, 'monotonicMs'>,
  startedAtMs: number,
  count: number,
): boolean => count % SLICE_RECORDS === 0 && clock.monotonicMs() - startedAtMs >= SLICE_MS;
