/**
 * What stays of an execution that has ended: values and no closures, of which a running one has
 * forty kilobytes in QuickJS. Whoever asks for it gets an execution again, made of them.
 */
import type { Execution as ExecutionDocument } from '@innkeeper/protocol';
import type { Execution } from './execution.ts';
import { costOf, countOf, eventAt, eventsFrom, keptTexts, type KeptEvents } from './kept-events.ts';
import type { LogReader } from './output-log.ts';

export interface EndedExecution {
  readonly id: string;
  readonly endedAt: number;
  readonly fingerprint: string;
  /** As JSON, which takes a third of what its values do. */
  readonly document: string;
  readonly kept: KeptEvents;
  /** As UTF-8, of all that there was. */
  readonly givenBytes: number;
}

export const documentOf = ({ document }: EndedExecution): ExecutionDocument =>
  // oxlint-disable-next-line typescript/no-unsafe-return -- a document was made this text, by `ended`
  JSON.parse(document);

const readerOf = (kept: KeptEvents, last: number, after: number): LogReader => {
  const first = last + 1 - countOf(kept);
  let next = Math.min(after, last) + 1;
  return {
    next: () => {
      if (next < first || next > last) return undefined;
      next += 1;
      return eventAt(kept, next - 1 - first, next - 1);
    },
    takeMissed: () => {
      const missed = Math.max(0, first - next);
      next += missed;
      return missed;
    },
    close: () => undefined,
  };
};

export const keptBytesOf = ({ kept }: EndedExecution): number => costOf(kept);

/** Without its output: the last event says how it ended. */
export const withoutOutput = (ended: EndedExecution): EndedExecution => ({
  ...ended,
  kept: eventsFrom(ended.kept, countOf(ended.kept) - 1),
});

export const recall = (ended: EndedExecution): Execution => ({
  id: ended.id,
  fingerprint: ended.fingerprint,
  start: async () => ({ ok: true, value: undefined }),
  document: () => documentOf(ended),
  texts: () => keptTexts(ended.kept, ended.givenBytes),
  read: (after) => readerOf(ended.kept, documentOf(ended).last_event_id, after),
  isOver: () => true,
  over: Promise.resolve(),
  stop: () => undefined,
  isKillDue: () => false,
  hurry: () => undefined,
  keptBytes: () => keptBytesOf(ended),
  ended: () => ended,
});
