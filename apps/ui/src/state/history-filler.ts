/**
 * Fills the live minutes with what was stored where readings are missing: from before the page was
 * opened, and from while there was no connection.
 */
import { findGaps } from '../charts/gaps.ts';
import type { SampleBuffer } from '../charts/samples.ts';
import type { ApiProblem } from './api.ts';
import { MAX_POINTS, type VmHistory } from './vm-history.ts';
import { LIVE_MS } from './vm-range.ts';

export interface Filler {
  readonly fillIn: () => void;
  stop(): void;
}

export interface FillerDependencies {
  readonly samples: SampleBuffer;
  readonly history: VmHistory;
  readonly managerNow: () => number;
  /** Undefined: it went well. */
  readonly onFilled: (problem: ApiProblem | undefined) => void;
}

const STEP_MS = 1_000;
/** What is stored is some seconds behind what is live, so it is asked again. */
const FILL_AFTER_MS = [0, 2_500, 5_500, 9_000] as const;

export const makeFiller = ({
  samples,
  history,
  managerNow,
  onFilled,
}: FillerDependencies): Filler => {
  let timers: ReturnType<typeof setTimeout>[] = [];
  let abort = new AbortController();

  const fillOnce = async (signal: AbortSignal): Promise<void> => {
    const to = managerNow();
    const span = { from: to - LIVE_MS, to };
    // A row that says that nothing is known is not missing.
    const gaps = findGaps(samples.view().times, () => true, { ...span, spacingMs: STEP_MS });
    const [first] = gaps;
    const last = gaps.at(-1);
    if (first === undefined || last === undefined) return;
    const result = await history({ from: first.from, to: last.to, points: MAX_POINTS, signal });
    if (signal.aborted) return;
    if (result.ok) samples.insert(result.value.rows, result.value.stepMs);
    onFilled(result.ok ? undefined : result.problem);
  };
  const stop = (): void => {
    for (const timer of timers) clearTimeout(timer);
    timers = [];
    abort.abort();
  };
  return {
    stop,
    fillIn: () => {
      stop();
      abort = new AbortController();
      const { signal } = abort;
      timers = FILL_AFTER_MS.map((delay) => setTimeout(() => void fillOnce(signal), delay));
    },
  };
};
