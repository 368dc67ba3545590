/** What an agent could not be asked, and the button to ask again. */
import type { JSX } from 'preact';
import type { ApiProblem } from '../../state/api.ts';
import './vm-notice.css';

export const AskProblem = ({
  problem,
  onRetry,
}: {
  readonly problem: ApiProblem | undefined;
  readonly onRetry: () => void;
}): JSX.Element | null =>
  problem === undefined ? null : (
    <div class="vm-notice" data-state="stale" role="alert">
      <p>{problem.message}</p>
      <button type="button" class="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
