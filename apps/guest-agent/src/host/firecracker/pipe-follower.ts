/**
 * Drains one FIFO or file for as long as the VM lives, a bounded piece at a time, and opens it again
 * when it failed or when another one is in its place.
 *
 * The descriptor stays open when the last writer goes: Firecracker opens the FIFO for reading and
 * writing, so neither notices the other, and what a new process writes is found here as well.
 *
 * Firecracker opens a file without truncating it and without O_APPEND. A second process therefore
 * writes over the first one's lines, and is seen only when it has written past their end.
 */
import type { Clock, Files, Pipe, PlatformError, TextCodec } from '../../platform/platform.ts';
import { makeBackOff } from '../back-off.ts';
import { makeFreshLines, type FreshLinesSink } from './fresh-lines.ts';

export interface FollowerSink extends FreshLinesSink {
  /** Whoever wrote so far is gone; the next line comes from another process. */
  writerGone(): void;
  /** A file is read from its start: what comes may have come before. Never said of a FIFO's lines. */
  readAgain(): void;
}

export interface PipeFollower {
  poll(): void;
  /** Unix milliseconds from which on every line counts; undefined before. */
  sinceMs(): number | undefined;
  isOpen(): boolean;
  /** Nobody has the FIFO open for writing. */
  hasNoWriter(): boolean;
  /** Why it is not open. */
  problem(): { readonly error: PlatformError; readonly retryAtMs: number | undefined } | undefined;
  close(): void;
}

/** Of 64 KiB each. A FIFO holds no more than one by default; a file is caught up over several polls. */
const MAX_READS_PER_POLL = 4;
const LOOK_AT_PLACE_MS = 5_000;
const REOPEN = { firstMs: 500, ceilingMs: 5_000 } as const;

export const makePipeFollower = (
  deps: {
    readonly files: Pick<Files, 'openPipe'>;
    readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
    readonly text: Pick<TextCodec, 'decodeUtf8'>;
  },
  path: string,
  sink: FollowerSink,
): PipeFollower => {
  const { clock } = deps;
  const lines = makeFreshLines(deps, sink);
  const reopen = makeBackOff(clock, REOPEN);
  let pipe: Pipe | undefined;
  let error: PlatformError | undefined;
  let writer: 'unknown' | 'seen' | 'gone' = 'unknown';
  let lookAtMs = 0;
  /** Known once a writer has gone: a file has no end that is told. */
  let isFifo = false;

  const writerGone = (): void => {
    lines.cut();
    if (writer === 'seen') sink.writerGone();
    writer = 'gone';
  };

  const giveUp = (why: PlatformError | undefined): void => {
    pipe?.close();
    pipe = undefined;
    error = why;
    if (why !== undefined) reopen.failed();
  };

  const open = (): void => {
    if (!reopen.mayTry()) return;
    const opened = deps.files.openPipe(path, { skipExisting: lines.sinceMs() === undefined });
    if (!opened.ok) {
      // What is not there yet has no past that would have to be dropped.
      if (opened.error.code === 'ENOENT') lines.caughtUp();
      giveUp(opened.error);
      return;
    }
    pipe = opened.value;
    error = undefined;
    if (!isFifo) sink.readAgain();
    lookAtMs = clock.monotonicMs() + LOOK_AT_PLACE_MS;
  };

  /** Says whether there may be more to read at once. */
  const readOnce = (from: Pipe): boolean => {
    const outcome = from.read();
    if (outcome.kind === 'error') {
      lines.cut();
      giveUp(outcome.error);
      return false;
    }
    reopen.succeeded();
    switch (outcome.kind) {
      case 'data':
        writer = 'seen';
        lines.push(outcome.bytes);
        if (!outcome.more) lines.caughtUp();
        return outcome.more;
      case 'empty':
        writer = 'seen';
        lines.caughtUp();
        return false;
      case 'end':
        isFifo = true;
        lines.caughtUp();
        writerGone();
        return false;
      case 'truncated':
        lines.cut();
        sink.readAgain();
        return true;
      default: {
        const never: never = outcome;
        return never;
      }
    }
  };

  /** A file that was rotated away, a FIFO that was made anew: the old one is drained by now. */
  const followReplacement = (from: Pipe): void => {
    if (writer !== 'gone' && clock.monotonicMs() < lookAtMs) return;
    lookAtMs = clock.monotonicMs() + LOOK_AT_PLACE_MS;
    if (from.place() !== 'another') return;
    writerGone();
    giveUp(undefined);
    open();
  };

  return {
    poll: () => {
      lines.startPoll();
      if (pipe === undefined) open();
      for (let reads = 0; reads < MAX_READS_PER_POLL && pipe !== undefined; reads += 1) {
        if (readOnce(pipe)) {
          // Garbage gets one read of this poll, and not the time of four.
          if (lines.isFlooded()) return;
          continue;
        }
        if (pipe !== undefined) followReplacement(pipe);
        return;
      }
    },
    sinceMs: () => lines.sinceMs(),
    isOpen: () => pipe !== undefined,
    hasNoWriter: () => writer === 'gone',
    problem: () => error && { error, retryAtMs: reopen.retryAtMs() },
    close: () => {
      pipe?.close();
      pipe = undefined;
    },
  };
};
