/** What can be done about a round that has failed. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { useAct } from '../runs/use-act.ts';
import { Icon } from '../ui/icons.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { provisioningPath } from './use-rounds.ts';

export const RoundActions = ({
  vmId,
  onDone,
}: {
  readonly vmId: string;
  readonly onDone: () => void;
}): JSX.Element => {
  const { session } = useApp();
  const ask = (what: 'retry' | 'skip') => async () =>
    session.api.send('POST', `${provisioningPath(vmId)}/${what}`);
  const retry = useAct(ask('retry'), onDone);
  const skip = useAct(ask('skip'), onDone);
  const isBusy = retry.isBusy || skip.isBusy;
  const problem = retry.problem ?? skip.problem;
  return (
    <div class="provision-actions">
      <button
        type="button"
        class="button button-primary"
        aria-disabled={isBusy}
        onClick={retry.act}
      >
        <Icon name="again" />
        Run the failed step again
      </button>
      <button type="button" class="button" aria-disabled={isBusy} onClick={skip.act}>
        Skip it and go on
      </button>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
    </div>
  );
};
