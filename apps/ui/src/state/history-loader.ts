/** Loads one range of the history at a time, and keeps it going with the readings that follow. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { makeSampleBuffer, type SampleBuffer, type SampleRow } from '../charts/samples.ts';
import type { ApiProblem } from './api.ts';
import { addToTail, joinHistory, type StepAverages } from './history-tail.ts';
import { COLUMNS } from './vm-columns.ts';
import { MAX_POINTS, type HistoryQuestion, type VmHistory } from './vm-history.ts';

export interface HistoryLoader {
  readonly isLoading: ReadonlySignal<boolean>;
  readonly problem: ReadonlySignal<ApiProblem | undefined>;
  readonly stepMs: ReadonlySignal<number>;
  /** Undefined until something was loaded. */
  buffer(): SampleBuffer | undefined;
  /** The points of the last question; 0: there was none. */
  askedPoints(): number;
  /** True: there is something new. Asking again takes the question before back. */
  load(question: Omit<HistoryQuestion, 'signal'>): Promise<boolean>;
  add(row: SampleRow): void;
  /** Takes back what was asked. */
  cancel(): void;
  forget(): void;
}

const LIVE_STEP_MS = 1_000;

export const makeHistoryLoader = (history: VmHistory, live: SampleBuffer): HistoryLoader => {
  const isLoading = signal(false);
  const problem = signal<ApiProblem | undefined>(undefined);
  const stepMs = signal(LIVE_STEP_MS);
  let stored: { readonly buffer: SampleBuffer; readonly averages: StepAverages } | undefined;
  let askedPoints = 0;
  let abort = new AbortController();

  const cancel = (): void => {
    abort.abort();
    isLoading.value = false;
    problem.value = undefined;
  };
  return {
    isLoading,
    problem,
    stepMs,
    cancel,
    buffer: () => stored?.buffer,
    askedPoints: () => askedPoints,
    load: async (question) => {
      abort.abort();
      abort = new AbortController();
      const { signal: aborted } = abort;
      askedPoints = question.points;
      isLoading.value = true;
      const result = await history({ ...question, signal: aborted });
      if (aborted.aborted) return false;
      isLoading.value = false;
      problem.value = result.ok ? undefined : result.problem;
      if (!result.ok) return false;
      const { rows, stepMs: step, start } = result.value;
      // Room for what comes until the next time, too.
      const buffer = makeSampleBuffer(COLUMNS, MAX_POINTS * 2, step);
      const averages = joinHistory({
        columns: COLUMNS,
        history: rows,
        stepMs: step,
        start,
        live: live.view(),
        into: buffer,
      });
      stored = { buffer, averages };
      stepMs.value = step;
      return true;
    },
    add: (row) => {
      if (stored !== undefined) addToTail(stored.averages, stored.buffer, row);
    },
    forget: () => {
      stored = undefined;
      askedPoints = 0;
      stepMs.value = LIVE_STEP_MS;
    },
  };
};
