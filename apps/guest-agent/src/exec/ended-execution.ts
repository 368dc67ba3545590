/**
 * What stays of an execution that has ended: values and no closures, of which a running one has
 * forty kilobytes in QuickJS. Whoever asks for it gets an execution again, made of them.
 */
import type { Execution as ExecutionDocument } from '@innkeeper/protocol';
import type { Execution } from './execution.ts';
import { keptTexts, sizeOfKept, type KeptEvent, type LogReader } from './output-log.ts';

export interface EndedExecution {
  readonly fingerprint: string;
  readonly document: ExecutionDocument;
  readonly kept: readonly KeptEvent[];
  /** As UTF-8, of all that there was. */
  readonly givenBytes: number;
}

const readerOf = (kept: readonly KeptEvent[], after: number): LogReader => {
  const last = kept.at(-1)?.number ?? 0;
  const first = kept[0]?.number ?? last + 1;
  let next = Math.min(after, last) + 1;
  return {
    next: () => {
      const found = kept[next - first];
      if (found !== undefined) next += 1;
      return found;
    },
    takeMissed: () => {
      const missed = Math.max(0, first - next);
      next += missed;
      return missed;
    },
    close: () => undefined,
  };
};

export const keptBytesOf = ({ kept }: EndedExecution): number => sizeOfKept(kept);

/** Without its output: the last event says how it ended. */
export const withoutOutput = (ended: EndedExecution): EndedExecution => ({
  ...ended,
  kept: ended.kept.slice(-1),
});

export const recall = (ended: EndedExecution): Execution => ({
  id: ended.document.id,
  fingerprint: ended.fingerprint,
  start: async () => ({ ok: true, value: undefined }),
  document: () => ended.document,
  texts: () => keptTexts(ended.kept, ended.givenBytes),
  read: (after) => readerOf(ended.kept, after),
  isOver: () => true,
  over: Promise.resolve(),
  stop: () => undefined,
  isKillDue: () => false,
  hurry: () => undefined,
  keptBytes: () => keptBytesOf(ended),
  ended: () => ended,
});
