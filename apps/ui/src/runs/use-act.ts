/** A button that asks the manager for something: busy meanwhile, and what it refused. */
import { useRef, useState } from 'preact/hooks';
import type { ApiProblem, ApiResult } from '../state/api.ts';

export interface Act {
  readonly isBusy: boolean;
  readonly problem: ApiProblem | undefined;
  readonly act: () => void;
}

export const useAct = <Value>(
  ask: () => Promise<ApiResult<Value>>,
  onDone: (value: Value) => void = () => undefined,
): Act => {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  // A second click may come before the first has been painted.
  const busy = useRef(false);
  const act = async (): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setBusy(true);
    const result = await ask();
    busy.current = false;
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) onDone(result.value);
  };
  return { isBusy, problem, act: () => void act() };
};
