/** An answer of the manager that is asked for again and again, while somebody looks. */
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { Asked } from '../../state/vm-record.ts';

const NOTHING = { value: undefined, problem: undefined } as const;

export const useAsked = <Value>(
  path: string,
  everyMs: number,
): Asked<Value> & { readonly again: () => void } => {
  const { session } = useApp();
  const [asked, setAsked] = useState<Asked<Value>>(NOTHING);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let abort = new AbortController();
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      abort.abort();
      abort = new AbortController();
      const { signal } = abort;
      const result = await session.api.get<Value>(path, { signal });
      if (signal.aborted) return;
      setAsked((before) =>
        result.ok
          ? { value: result.value, problem: undefined }
          : { value: before.value, problem: result.problem },
      );
    };
    const onVisible = (): void => void ask();
    void ask();
    const timer = setInterval(() => void ask(), everyMs);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisible);
      abort.abort();
    };
  }, [session, path, everyMs, round]);
  return { ...asked, again: () => setRound(round + 1) };
};
