/**
 * Lets through the lines that come after the first moment at which all had been read. What waited
 * before is dropped: these differences are real, but from before anybody looked, and of a time that
 * nobody knows.
 */
import type { Clock, TextCodec } from '../../platform/platform.ts';
import { makeLineSplitter, type SplitLine } from '../line-splitter.ts';

export interface FreshLinesSink {
  /** `staleHead`: what the text begins with was there already when we began. */
  /** Says whether anything in it was worth reading. */
  line(text: string, staleHead: boolean): boolean;
  /** A line without an end, or longer than any real one. */
  lostLine(): void;
  /** So many lines that nobody has looked at, because those before them were garbage. */
  skippedLines(count: number): void;
}

export interface FreshLines {
  push(chunk: Uint8Array): void;
  /** What comes now is looked at again, however much garbage came before. */
  startPoll(): void;
  /** So much garbage has come in this poll that the rest of it is only counted. */
  isFlooded(): boolean;
  /** All that there was has been read. */
  caughtUp(): void;
  /** What has begun will not be ended. */
  cut(): void;
  /** Unix milliseconds from which on every line counts; undefined before. */
  sinceMs(): number | undefined;
}

/** A line of Firecracker 1.x with a few devices has 5 to 8 KB. */
const MAX_LINE_BYTES = 64 * 1024;
/** A full pipe tears one line at a time. More than this is somebody else's writing, and costs time. */
const MAX_GARBAGE_PER_POLL = 16;

export const makeFreshLines = (
  deps: {
    readonly clock: Pick<Clock, 'nowMs'>;
    readonly text: Pick<TextCodec, 'decodeUtf8'>;
  },
  sink: FreshLinesSink,
): FreshLines => {
  const splitter = makeLineSplitter(deps.text, MAX_LINE_BYTES);
  let sinceMs: number | undefined;
  let staleHead = false;
  let garbage = 0;

  const isFlooded = (): boolean => garbage >= MAX_GARBAGE_PER_POLL;

  /** Says whether to go on looking. */
  const take = (split: SplitLine): boolean => {
    if (split.kind === 'line') {
      if (!sink.line(split.text, staleHead)) garbage += 1;
    } else {
      garbage += 1;
      if (!staleHead) sink.lostLine();
    }
    staleHead = false;
    return !isFlooded();
  };

  return {
    push: (chunk) => {
      if (sinceMs === undefined) {
        splitter.skim(chunk);
        return;
      }
      const used = isFlooded() ? 0 : splitter.each(chunk, take);
      if (used >= chunk.length) return;
      const skipped = splitter.skim(chunk.subarray(used));
      if (skipped > 0) {
        staleHead = false;
        sink.skippedLines(skipped);
      }
    },
    startPoll: () => {
      garbage = 0;
    },
    isFlooded,
    caughtUp: () => {
      if (sinceMs !== undefined) return;
      sinceMs = deps.clock.nowMs();
      staleHead = splitter.hasPartial();
    },
    cut: () => {
      if (splitter.cut() && sinceMs !== undefined && !staleHead) sink.lostLine();
      staleHead = false;
    },
    sinceMs: () => sinceMs,
  };
};
