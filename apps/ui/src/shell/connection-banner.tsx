/** Says what is going on while nothing is live, and what can be done about it. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';

const LostBanner = ({
  since,
  retryAt,
}: {
  readonly since: number;
  readonly retryAt: number | undefined;
}): JSX.Element => {
  const { connection, ticker } = useApp();
  const now = ticker.now.value;
  const wait = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <div class="banner" role="alert">
      <span>
        No connection to the manager for {formatDuration((now - since) / 1000)}. What you see is as
        old as that. {wait > 0 ? `Trying again in ${wait} s.` : 'Trying again.'}
      </span>
      <button type="button" class="button" onClick={() => connection.retryNow()}>
        Try now
      </button>
    </div>
  );
};

export const ConnectionBanner = (): JSX.Element | null => {
  const { connection, fleet, session } = useApp();
  const { value } = connection.state;
  if (value.kind === 'lost') return <LostBanner since={value.since} retryAt={value.retryAt} />;
  if (value.kind === 'ended') {
    return (
      <div class="banner" role="alert">
        <span>Your session has ended: {value.message}</span>
        <button type="button" class="button" onClick={() => void session.signOut()}>
          Sign in again
        </button>
      </div>
    );
  }
  const problem = fleet.problem.value;
  return problem === undefined ? null : (
    <div class="banner" role="alert">
      <span>{problem}</span>
    </div>
  );
};
