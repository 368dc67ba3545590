/** What has run on a VM when it enrolled and at its starts, and what runs now. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { useVm } from '../pages/vm/vm-stores.ts';
import { permissionsIn } from '../state/permissions.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { useAct } from '../runs/use-act.ts';
import { RoundActions } from './round-actions.tsx';
import { NewestRound, OlderRound } from './round-view.tsx';
import { provisioningPath, useRounds } from './use-rounds.ts';
import '../ui/form.css';
import '../runs/runs.css';
import './provision.css';

const Tools = ({
  isRunning,
  onDone,
}: {
  readonly isRunning: boolean;
  readonly onDone: () => void;
}): JSX.Element => {
  const { session, navigation } = useApp();
  const { id } = useVm();
  const path = `${provisioningPath(id)}/run`;
  const due = useAct(async () => session.api.send('POST', path, {}), onDone);
  const isAsking = navigation.place.value.query.get('dialog') === 'again';
  const close = (): void => navigation.setQuery({ dialog: null }, { replace: true });
  return (
    <>
      <button
        type="button"
        class="button"
        aria-disabled={isRunning || due.isBusy}
        onClick={isRunning ? undefined : due.act}
      >
        <Icon name="play" />
        Run what is due
      </button>
      <button
        type="button"
        class="button"
        aria-disabled={isRunning}
        onClick={isRunning ? undefined : () => navigation.setQuery({ dialog: 'again' })}
      >
        <Icon name="again" />
        Run all again
      </button>
      {due.problem === undefined ? null : <ProblemNote problem={due.problem} />}
      <ConfirmDialog
        open={isAsking}
        title="Run all scripts again?"
        action="Run again"
        act={async () => session.api.send('POST', path, { again: true })}
        onDone={() => {
          onDone();
          close();
        }}
        onClose={close}
      >
        All scripts for this VM run, in order, also those for the first boot that have run on it
        before. Do this on a machine that was installed anew.
      </ConfirmDialog>
    </>
  );
};

const Empty = ({ mayManage }: { readonly mayManage: boolean }): JSX.Element => (
  <div class="empty">
    <h2>Nothing has run yet</h2>
    <p>
      Scripts run when a VM enrols and when it starts: those of this manager, and those in
      /etc/guest-agent/provision.d of the guest.
    </p>
    {mayManage ? (
      <a class="button" href="/provisioning">
        Scripts for provisioning
      </a>
    ) : null}
  </div>
);

export const ProvisionTab = (): JSX.Element => {
  const { session } = useApp();
  const { id, live } = useVm();
  const { rounds, hasOlder, problem, reload } = useRounds(id);
  const { runCommands, manageProvisioning } = permissionsIn(session.state.value);
  const [newest, ...older] = rounds ?? [];
  const shared = { managerNow: () => live.managerNow(), mayReadOutput: runCommands };
  return (
    <div class="vm-side">
      <div class="vm-side-head">
        {runCommands ? <Tools isRunning={newest?.state === 'running'} onDone={reload} /> : null}
        {manageProvisioning ? (
          <a class="link" href="/provisioning">
            Scripts for provisioning
          </a>
        ) : null}
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {rounds === undefined && problem === undefined ? (
        <p class="muted" role="status">
          Loading
        </p>
      ) : null}
      {rounds !== undefined && newest === undefined ? (
        <Empty mayManage={manageProvisioning} />
      ) : null}
      {newest === undefined ? null : <NewestRound {...shared} round={newest} />}
      {newest?.state === 'failed' && runCommands ? (
        <RoundActions vmId={id} onDone={reload} />
      ) : null}
      {older.length === 0 ? null : (
        <section class="vm-section" aria-labelledby="provision-older">
          <h2 id="provision-older">Before</h2>
          {older.map((round) => (
            <OlderRound key={round.id} {...shared} round={round} />
          ))}
          {hasOlder ? <p class="muted">Older ones are not shown.</p> : null}
        </section>
      )}
    </div>
  );
};
