/** What went wrong, in the place where it matters, and what can be done about it. */
import type { JSX } from 'preact';
import type { ApiProblem } from '../state/api.ts';

const FORBIDDEN = 403;

export const ProblemNote = ({
  problem,
  onRetry,
}: {
  readonly problem: ApiProblem;
  readonly onRetry?: () => void;
}): JSX.Element => (
  <div class="note note-problem" role="alert">
    <p>
      {problem.status === FORBIDDEN ? 'Your token does not allow this. ' : ''}
      {problem.message}
    </p>
    {onRetry === undefined || problem.status === FORBIDDEN ? null : (
      <button type="button" class="button" onClick={onRetry}>
        Try again
      </button>
    )}
  </div>
);

/** A page that this person may not see at all. */
export const ForbiddenNote = ({ children }: { readonly children: string }): JSX.Element => (
  <div class="empty">
    <h2>Not for this token</h2>
    <p>{children}</p>
    <a class="button" href="/settings">
      Who am I
    </a>
  </div>
);
