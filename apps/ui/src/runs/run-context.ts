/** The run that a page or a panel is about. */
import { useEffect, useMemo } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { makeReadLog } from './log-reader.ts';
import { makeRunStore, type RunStore } from './run-store.ts';

/** Followed for as long as whoever uses it is there. */
export const useRunStore = (runId: string): RunStore => {
  const { session, connection, frames, now } = useApp();
  const store = useMemo(
    () =>
      makeRunStore({
        runId,
        api: session.api,
        readLog: makeReadLog(window.fetch.bind(window)),
        connection,
        frames,
        now,
      }),
    [runId, session, connection, frames, now],
  );
  useEffect(() => store.follow(), [store]);
  return store;
};
