/** Commands on the VM whose page this is. The run that is looked at is in the address. */
import type { Run } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { permissionsIn } from '../state/permissions.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useVm } from '../pages/vm/vm-stores.ts';
import { Icon } from '../ui/icons.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { DraftForm, useCommandHistory } from './draft-form.tsx';
import { commandText, NO_OUTPUT } from './execution-words.ts';
import { LastRuns, type RunsOfPage } from './last-runs.tsx';
import { RunPanel } from './run-panel.tsx';
import { useAct } from './use-act.ts';
import { draftOf, useDraft } from './use-draft.ts';
import '../ui/form.css';
import './runs.css';

const REFRESH_MS = 5_000;
const SHOWN = 12;

const RunForm = ({
  vmId,
  model,
  onBegun,
}: {
  readonly vmId: string;
  readonly model: ReturnType<typeof useDraft>;
  readonly onBegun: (runId: string) => void;
}): JSX.Element => {
  const { session } = useApp();
  const history = useCommandHistory();
  const begin = useAct(
    async () =>
      session.api.send<{ readonly run_id: string }>(
        'POST',
        `/v1/vms/${encodeURIComponent(vmId)}/exec`,
        model.check(),
      ),
    ({ run_id: runId }) => onBegun(runId),
  );
  const run = (): void => {
    if (model.check() === undefined) return;
    if (model.draft.mode === 'command') history.add(model.draft.line.trim());
    begin.act();
  };
  return (
    <>
      <DraftForm model={model} history={history} onRun={run}>
        <button type="submit" class="button button-primary" disabled={begin.isBusy}>
          <Icon name="play" />
          Run
        </button>
      </DraftForm>
      {begin.problem === undefined ? null : <ProblemNote problem={begin.problem} />}
    </>
  );
};

export const RunTab = (): JSX.Element => {
  const { navigation, session } = useApp();
  const { id } = useVm();
  const { runCommands } = permissionsIn(session.state.value);
  const runId = navigation.place.value.query.get('run');
  const last = useAnswer<RunsOfPage>(
    `/v1/runs?vm_id=${encodeURIComponent(id)}&limit=${SHOWN}`,
    REFRESH_MS,
  );
  const model = useDraft('ask');
  const useAgain = (what: NonNullable<Run['what']>, timeout: string): void => {
    const { mode, changed } = draftOf(what, commandText(what));
    model.setMode(mode);
    model.change(timeout === '' ? changed : { ...changed, timeout });
  };
  return (
    <div class="vm-side runs-tab">
      <div class="runs-tab-main">
        {runCommands ? (
          <RunForm
            vmId={id}
            model={model}
            onBegun={(begun) => {
              navigation.setQuery({ run: begun });
              last.reload();
            }}
          />
        ) : (
          <p class="note">{NO_OUTPUT}</p>
        )}
        {runId === null ? null : (
          <RunPanel key={runId} runId={runId} vmId={id} onUseAgain={useAgain} />
        )}
      </div>
      <LastRuns vmId={id} answer={last} current={runId} />
    </div>
  );
};
