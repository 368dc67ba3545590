/**
 * A history that goes on: behind what was stored come the readings that this page has seen itself,
 * averaged over the same steps, so that nothing shows where one ends and the other begins.
 */
import {
  ORIGIN_GUEST,
  ORIGIN_NONE,
  type SampleBuffer,
  type SampleRow,
  type Samples,
} from '../charts/samples.ts';

interface Step {
  readonly start: number;
  origin: number;
  count: number;
  readonly sums: number[];
  /** Of each column: how many were known. */
  readonly known: number[];
}

const stepStart = (time: number, stepMs: number, start: number): number =>
  Math.floor((time - start) / stepMs) * stepMs + start;

export interface StepAverages {
  /** The step that a row belongs to, with that row in it; undefined for one that comes too late. */
  add(row: SampleRow): { readonly row: SampleRow; readonly isNew: boolean } | undefined;
}

/** Steps are as long as `stepMs`; one of them begins at `start`. */
export const makeStepAverages = (stepMs: number, start: number): StepAverages => {
  let step: Step | undefined;
  return {
    add: ({ time, origin, values }) => {
      const begin = stepStart(time, stepMs, start);
      if (step !== undefined && begin < step.start) return undefined;
      const isNew = step?.start !== begin;
      const into: Step =
        step === undefined || isNew
          ? { start: begin, origin, count: 0, sums: [], known: [] }
          : step;
      step = into;
      into.count += 1;
      // The guest's word counts more than the host's, and that more than none.
      if (origin === ORIGIN_GUEST || into.origin === ORIGIN_NONE) into.origin = origin;
      for (let column = 0; column < values.length; column += 1) {
        const value = values[column] ?? Number.NaN;
        const isKnown = !Number.isNaN(value);
        into.sums[column] = (into.sums[column] ?? 0) + (isKnown ? value : 0);
        into.known[column] = (into.known[column] ?? 0) + (isKnown ? 1 : 0);
      }
      const row: SampleRow = {
        // In its middle, or as far as it has come.
        time: Math.min(begin + stepMs / 2, time),
        origin: into.origin,
        values: into.sums.map((sum, column) => sum / (into.known[column] ?? 0)),
      };
      return { row, isNew };
    },
  };
};

export interface JoinOptions {
  readonly columns: readonly string[];
  readonly history: readonly SampleRow[];
  readonly stepMs: number;
  /** Where a step begins. */
  readonly start: number;
  readonly live: Samples;
  /** Empty, and large enough for both. */
  readonly into: SampleBuffer;
}

const rowOf = (samples: Samples, columns: readonly string[], index: number): SampleRow => ({
  time: samples.times[index] ?? Number.NaN,
  origin: samples.origins[index] ?? 0,
  values: columns.map((column) => samples.column(column)[index] ?? Number.NaN),
});

/**
 * Fills `into`: stored steps as long as they reach, then the readings. The answer takes further
 * readings. What is stored lags behind by some seconds, so its last step may be half a one: from
 * there on it is the readings that count, as far as they are there.
 */
export const joinHistory = ({
  columns,
  history,
  stepMs,
  start,
  live,
  into,
}: JoinOptions): StepAverages => {
  const averages = makeStepAverages(stepMs, start);
  const last = history.at(-1);
  const lastStart =
    last === undefined ? Number.NEGATIVE_INFINITY : stepStart(last.time, stepMs, start);
  const firstLive = live.times[0] ?? Number.POSITIVE_INFINITY;
  // The last stored step is used where the readings do not reach back to its beginning.
  const isLastKept = firstLive > lastStart;
  for (const row of isLastKept ? history : history.slice(0, -1)) into.push(row);
  const from = isLastKept ? lastStart + stepMs : lastStart;
  for (let index = 0; index < live.length; index += 1) {
    if ((live.times[index] ?? 0) < from) continue;
    addToTail(averages, into, rowOf(live, columns, index));
  }
  return averages;
};

export const addToTail = (averages: StepAverages, into: SampleBuffer, row: SampleRow): void => {
  const added = averages.add(row);
  if (added === undefined) return;
  if (added.isNew) into.push(added.row);
  else into.replaceLast(added.row);
};
