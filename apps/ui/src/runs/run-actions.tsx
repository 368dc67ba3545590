/** What can be done about a whole run. */
import type { Run } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import type { ApiResult } from '../state/api.ts';
import { permissionsIn } from '../state/permissions.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { ActButton } from './act-button.tsx';
import { isOver } from './run-state.ts';
import { useAct } from './use-act.ts';

const StopDialog = ({
  run,
  onStop,
}: {
  readonly run: Run;
  readonly onStop: () => Promise<ApiResult<unknown>>;
}): JSX.Element => {
  const { navigation } = useApp();
  const isOpen = navigation.place.value.query.get('dialog') === 'stop';
  const close = (): void => {
    if (isOpen) navigation.setQuery({ dialog: null }, { replace: true });
  };
  const { active, queued } = run.counts;
  return (
    <ConfirmDialog
      open={isOpen && !isOver(run.state)}
      title="Stop this run?"
      action="Stop"
      act={onStop}
      onDone={close}
      onClose={close}
    >
      {active === 0 ? '' : `On ${formatCount(active)} VMs it is ended, with all of its processes. `}
      {queued === 0 ? '' : `On ${formatCount(queued)} it will not begin.`}
    </ConfirmDialog>
  );
};

export const RunActions = ({ run }: { readonly run: Run }): JSX.Element | null => {
  const { navigation, session } = useApp();
  const { api } = session;
  const { runCommands } = permissionsIn(session.state.value);
  const path = `/v1/runs/${encodeURIComponent(run.id)}`;
  const pause = useAct(async () => api.send('POST', `${path}/pause`));
  const resume = useAct(async () => api.send('POST', `${path}/resume`));
  const retry = useAct(
    async () => api.send<{ readonly run_id: string }>('POST', `${path}/retry`),
    ({ run_id: id }) => navigation.go(`/runs/${id}`),
  );
  if (!runCommands) return null;
  const over = isOver(run.state);
  const { total, failed, cancelled } = run.counts;
  const problem = pause.problem ?? resume.problem ?? retry.problem;
  return (
    <>
      <span class="run-tools">
        {run.state === 'running' && total > 1 ? (
          <ActButton name="Pause" icon="pause" act={pause} />
        ) : null}
        {run.state === 'paused' ? <ActButton name="Resume" icon="play" act={resume} /> : null}
        {over && failed + cancelled > 0 ? (
          <ActButton
            name={total === 1 ? 'Run again' : `Run again on ${formatCount(failed + cancelled)}`}
            icon="again"
            act={retry}
          />
        ) : null}
        {over || total === 1 ? null : (
          <button
            type="button"
            class="button button-danger"
            disabled={run.state === 'stopping'}
            onClick={() => navigation.setQuery({ dialog: 'stop' })}
          >
            <Icon name="stop" />
            Stop all
          </button>
        )}
      </span>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <StopDialog run={run} onStop={async () => api.send('DELETE', path)} />
    </>
  );
};
