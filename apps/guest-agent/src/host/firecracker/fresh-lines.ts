/**
 * Lets through the lines that come after the first moment at which all had been read. What waited
 * before is dropped: these differences are real, but from before anybody looked, and of a time that
 * nobody knows.
 */
import type { Clock, TextCodec } from '../../platform/platform.ts';
import { makeLineSplitter, type SplitLine } from '../line-splitter.ts';

export interface FreshLinesSink {
  /** `staleHead`: what the text begins with was there already when we began. */
  line(text: string, staleHead: boolean): void;
  /** A line without an end, or longer than any real one. */
  lostLine(): void;
}

export interface FreshLines {
  push(chunk: Uint8Array): void;
  /** All that there was has been read. */
  caughtUp(): void;
  /** What has begun will not be ended. */
  cut(): void;
  /** Unix milliseconds from which on every line counts; undefined before. */
  sinceMs(): number | undefined;
}

/** A line of Firecracker 1.x with a few devices has 5 to 8 KB. */
const MAX_LINE_BYTES = 64 * 1024;

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

  const take = (split: SplitLine): void => {
    if (sinceMs === undefined) return;
    if (split.kind === 'line') sink.line(split.text, staleHead);
    else if (!staleHead) sink.lostLine();
    staleHead = false;
  };

  return {
    push: (chunk) => {
      for (const split of splitter.push(chunk)) take(split);
    },
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
