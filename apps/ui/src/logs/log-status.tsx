/** What is wrong with the streams of a view, and what can be done. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { Announced } from '../ui/announced.tsx';
import { useLogModel } from './log-model.ts';
import { keptText, statusWords } from './log-words.ts';
import './log-status.css';

export const LogStatus = (): JSX.Element => {
  const { ticker, time } = useApp();
  const { view, nameOf } = useLogModel();
  const now = ticker.now.value;
  const { kept, problem } = view.page.value;
  const troubles =
    view.moment === undefined
      ? view.statuses.value.flatMap((status, stream) => {
          const { long, retry, advice, state } = statusWords(status, now);
          return long === undefined ? [] : [{ stream, long, retry, advice, state }];
        })
      : [];
  const heard = troubles
    .map(({ stream, long }) => (view.vmIds.length > 1 ? `${nameOf(stream)}: ${long}` : long))
    .join(' ');
  return (
    <>
      <Announced subject={heard} words={heard} />
      {troubles.map(({ stream, long, retry, advice, state }) => (
        <div key={stream} class="log-notice" data-state={state}>
          <span class="live-dot" data-state={state} aria-hidden="true" />
          <p>
            {view.vmIds.length > 1 ? <b>{nameOf(stream)}: </b> : null}
            {long} {retry} <span class="log-advice">{advice}</span>
          </p>
        </div>
      ))}
      {view.isCleared.value ? (
        <div class="log-notice" role="status">
          <p>Cleared: only in this view, the logs themselves are untouched.</p>
          <button type="button" class="button" onClick={() => view.unclear()}>
            Show them again
          </button>
        </div>
      ) : null}
      {view.moment === undefined ? null : (
        <div class="log-notice" role="status">
          <p>
            The log around <b>{time.stamp(view.moment.at)}</b>, not what comes now.
          </p>
        </div>
      )}
      {kept === undefined ? null : (
        <div class="log-notice" role="status">
          <p>{keptText(kept, view.moment !== undefined)}</p>
        </div>
      )}
      {problem === undefined ? null : (
        <div class="log-notice" data-state="lost" role="alert">
          <p>More lines could not be fetched: {problem}</p>
        </div>
      )}
    </>
  );
};
