/** A command for many VMs: what, on which, how; and all of it once more before it begins. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { permissionsIn } from '../state/permissions.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { ForbiddenNote, ProblemNote } from '../ui/problem-note.tsx';
import { DraftForm, useCommandHistory } from './draft-form.tsx';
import { draftText, timeoutWords, type What } from './draft.ts';
import { checkHow, FIRST_HOW, howWords, type CheckedHow, type How } from './how.ts';
import { HowFields } from './how-fields.tsx';
import { RunTargets, targetWords } from './run-targets.tsx';
import { useAct } from './use-act.ts';
import { useDraft } from './use-draft.ts';
import { useTargets, type Targets } from './use-targets.ts';
import '../ui/form.css';
import '../ui/list.css';
import './runs.css';
import './new-run-page.css';

interface Plan {
  readonly what: What;
  readonly how: How;
}

const MOST_NAMES = 20;

const Preview = ({
  text,
  targets,
  plan,
  onRun,
  onClose,
}: {
  readonly text: string;
  readonly targets: Targets;
  readonly plan: Plan;
  readonly onRun: () => void;
  readonly onClose: () => void;
}): JSX.Element => {
  const { navigation, session } = useApp();
  const begin = useAct(
    async () =>
      session.api.send<{ readonly run_id: string }>('POST', '/v1/runs', {
        ...plan.what,
        ...plan.how,
        targets: targets.body,
      }),
    ({ run_id: id }) => {
      onRun();
      navigation.go(`/runs/${id}`);
    },
  );
  const names = targets.vms.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = targets.vms.length - names.length;
  return (
    <div class="form">
      <pre class="run-script mono" tabIndex={0} role="region" aria-label="What is going to run">
        {text}
      </pre>
      <p>
        <b>{targetWords(targets)}</b>: {names.join(', ')}
        {more > 0 ? ` and ${formatCount(more)} more` : ''}
      </p>
      <ul class="secondary run-plan">
        {[...howWords(plan.how), timeoutWords(plan.what)].map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      {begin.problem === undefined ? null : <ProblemNote problem={begin.problem} />}
      <div class="form-actions">
        <button type="button" class="button" onClick={onClose}>
          Back
        </button>
        <button
          type="button"
          class="button button-primary"
          disabled={begin.isBusy}
          onClick={begin.act}
        >
          <Icon name="play" />
          Run on {formatCount(targets.vms.length)}
        </button>
      </div>
    </div>
  );
};

const Form = (): JSX.Element => {
  const model = useDraft('kill');
  const history = useCommandHistory();
  const targets = useTargets();
  const [how, setHow] = useState(FIRST_HOW);
  const [wrongHow, setWrongHow] = useState<(CheckedHow & { readonly ok: false }) | undefined>();
  const [nobody, setNobody] = useState(false);
  const [plan, setPlan] = useState<Plan | undefined>(undefined);
  const review = (): void => {
    const what = model.check();
    const checked = checkHow(how);
    setWrongHow(checked.ok ? undefined : checked);
    const isNobody = targets.vms.length === 0;
    setNobody(isNobody);
    if (what !== undefined && checked.ok && !isNobody) setPlan({ what, how: checked.how });
  };
  const { commandId } = model.draft;
  return (
    <>
      <DraftForm model={model} history={history} onRun={review}>
        <button type="submit" class="button button-primary">
          Review
        </button>
      </DraftForm>
      <RunTargets
        targets={targets}
        problem={nobody && targets.vms.length === 0 ? 'Choose at least one VM.' : undefined}
      />
      <HowFields
        draft={how}
        wrong={wrongHow}
        onChange={(changed) => {
          setWrongHow(undefined);
          setHow({ ...how, ...changed });
        }}
      />
      <Dialog
        open={plan !== undefined}
        onClose={() => setPlan(undefined)}
        title={`Run on ${formatCount(targets.vms.length)} ${targets.vms.length === 1 ? 'VM' : 'VMs'}?`}
      >
        {plan === undefined ? null : (
          <Preview
            key={commandId}
            text={draftText(model.draft, model.command)}
            targets={targets}
            plan={plan}
            onRun={() => {
              if (model.draft.mode === 'command') history.add(model.draft.line.trim());
            }}
            onClose={() => setPlan(undefined)}
          />
        )}
      </Dialog>
    </>
  );
};

export const NewRunPage = (): JSX.Element => {
  const { session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  return (
    <div class="page run-new-page">
      <p class="run-crumb muted">
        <a href="/runs">Runs</a>
      </p>
      <header class="page-head">
        <h1 class="page-title">Run a command</h1>
      </header>
      {runCommands ? (
        <Form />
      ) : (
        <ForbiddenNote>Commands are run by operators and administrators.</ForbiddenNote>
      )}
    </div>
  );
};
