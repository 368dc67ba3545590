/** Executions that have ended, for who comes back for them: the newest, and of those the output too. */
import type { Execution as ExecutionDocument } from '@innkeeper/protocol';
import type { Clock } from '../platform/platform.ts';
import {
  documentOf,
  keptBytesOf,
  recall,
  withoutOutput,
  type EndedExecution,
} from './ended-execution.ts';
import type { Execution } from './execution.ts';
import { countOf } from './kept-events.ts';

export interface EndedExecutions {
  add(ended: EndedExecution): void;
  find(id: string): Execution | undefined;
  /** In the order in which they have ended. */
  documents(): readonly ExecutionDocument[];
}

/** They are known by their id for so long, and their output while it is not too much. */
const MAX_KNOWN = 512;
const MAX_KEPT_BYTES = 2 * 1024 * 1024;
const KNOWN_MS = 24 * 3600 * 1000;

export const makeEndedExecutions = (clock: Pick<Clock, 'nowMs'>): EndedExecutions => {
  const known = new Map<string, EndedExecution>();

  const forgetOld = (): void => {
    const tooOldMs = clock.nowMs() - KNOWN_MS;
    let kept = 0;
    [...known].reverse().forEach(([id, one], index) => {
      kept += keptBytesOf(one);
      if (index >= MAX_KNOWN || one.endedAt < tooOldMs) known.delete(id);
      else if (kept > MAX_KEPT_BYTES && countOf(one.kept) > 1) known.set(id, withoutOutput(one));
    });
  };

  return {
    add: (ended) => {
      known.set(ended.id, ended);
      forgetOld();
    },
    find: (id) => {
      const ended = known.get(id);
      return ended === undefined ? undefined : recall(ended);
    },
    documents: () => [...known.values()].map(documentOf),
  };
};
