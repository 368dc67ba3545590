/** What the manager answers to one question, asked again when told so or every few seconds. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { ApiProblem } from './api.ts';

export interface Answer<Value> {
  /** Of the last answer that came; undefined before the first. */
  readonly value: Value | undefined;
  /** Of the last question; what was known before stays in `value`. */
  readonly problem: ApiProblem | undefined;
  readonly reload: () => void;
}

interface Held<Value> {
  readonly path: string;
  readonly value: Value | undefined;
  readonly problem: ApiProblem | undefined;
}

/** `path` undefined: nothing is asked. */
export const useAnswer = <Value>(path: string | undefined, everyMs?: number): Answer<Value> => {
  const { session } = useApp();
  const [held, setHeld] = useState<Held<Value> | undefined>(undefined);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    if (path === undefined) return undefined;
    const controller = new AbortController();
    let busy = false;
    const ask = async (): Promise<void> => {
      if (busy) return;
      busy = true;
      const result = await session.api.get<Value>(path, { signal: controller.signal });
      busy = false;
      if (controller.signal.aborted) return;
      setHeld((before) => ({
        path,
        value: result.ok ? result.value : before?.path === path ? before.value : undefined,
        problem: result.ok ? undefined : result.problem,
      }));
    };
    void ask();
    const askIfSeen = (): void => {
      if (!document.hidden) void ask();
    };
    const timer = everyMs === undefined ? undefined : setInterval(askIfSeen, everyMs);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [path, everyMs, asked, session]);
  const reload = useCallback(() => setAsked((before) => before + 1), []);
  const fits = held !== undefined && held.path === path;
  return {
    value: fits ? held.value : undefined,
    problem: fits ? held.problem : undefined,
    reload,
  };
};
