/** Where the charts are: what could not be loaded of them, and that live values go on. */
import type { JSX } from 'preact';
import { asSentence } from '../../ui/sentence.ts';
import { useVm } from './vm-stores.ts';
import './vm-notice.css';

const DATABASE_AWAY = 503;

export const HistoryNotice = (): JSX.Element => {
  const { view, live } = useVm();
  const problem = view.problem.value ?? live.problem.value;
  const isLoading = view.isLoading.value;
  return (
    <>
      <div class="vm-loading" data-loading={isLoading} role="status">
        {isLoading ? <span class="visually-hidden">Loading the history</span> : null}
      </div>
      {problem === undefined ? null : (
        <div class="vm-notice" data-state="stale" role="alert">
          <p>
            <b>The history could not be loaded</b>: {asSentence(problem.message)}
            {problem.status === DATABASE_AWAY
              ? ' The database is away; live values go on, and are kept until it is back.'
              : ''}
          </p>
          <button type="button" class="button" onClick={() => view.retry()}>
            Try again
          </button>
        </div>
      )}
    </>
  );
};
