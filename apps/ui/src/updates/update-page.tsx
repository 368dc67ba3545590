/** One update, as it goes on: its stages, and how each VM stands. */
import type { Update, UpdateStep } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { ActButton } from '../runs/act-button.tsx';
import { CountBar } from '../runs/count-bar.tsx';
import { ExecutionMark } from '../runs/execution-mark.tsx';
import { runWords } from '../runs/execution-words.ts';
import { Fact } from '../runs/fact.tsx';
import { isOver } from '../runs/run-state.ts';
import { useAct } from '../runs/use-act.ts';
import { permissionsIn } from '../state/permissions.ts';
import { useAnswer } from '../state/use-answer.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { changeWords, stepMark, stepWords, updateCountWords, updateMark } from './update-words.ts';
import '../pages/vm/vm-head.css';
import '../runs/run-page.css';
import '../runs/runs.css';
import '../ui/form.css';
import '../ui/list.css';
import './updates.css';

const REFRESH_MS = 1_000;

const Tools = ({
  update,
  reload,
}: {
  readonly update: Update;
  readonly reload: () => void;
}): JSX.Element | null => {
  const { navigation, session } = useApp();
  const { api } = session;
  const path = `/v1/updates/${encodeURIComponent(update.id)}`;
  const pause = useAct(async () => api.send('POST', `${path}/pause`), reload);
  const resume = useAct(async () => api.send('POST', `${path}/resume`), reload);
  const isAsked = navigation.place.value.query.get('dialog') === 'stop';
  const close = (): void => {
    if (isAsked) navigation.setQuery({ dialog: null }, { replace: true });
  };
  const problem = pause.problem ?? resume.problem;
  const { active, waiting } = update.counts;
  if (!permissionsIn(session.state.value).runCommands || isOver(update.state)) return null;
  return (
    <>
      <span class="run-tools">
        {update.state === 'running' && waiting > 0 ? (
          <ActButton name="Pause" icon="pause" act={pause} />
        ) : null}
        {update.state === 'paused' ? <ActButton name="Resume" icon="play" act={resume} /> : null}
        <button
          type="button"
          class="button button-danger"
          disabled={update.state === 'stopping'}
          onClick={() => navigation.setQuery({ dialog: 'stop' })}
        >
          <Icon name="stop" />
          Stop
        </button>
      </span>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <ConfirmDialog
        open={isAsked}
        title="Stop this update?"
        action="Stop"
        act={async () => api.send('DELETE', path)}
        onDone={() => {
          reload();
          close();
        }}
        onClose={close}
      >
        {waiting === 0 ? '' : `${formatCount(waiting)} that wait are left as they are. `}
        {active === 0 ? '' : `${formatCount(active)} under way go on to their end.`}
      </ConfirmDialog>
    </>
  );
};

const Head = ({
  update,
  reload,
}: {
  readonly update: Update;
  readonly reload: () => void;
}): JSX.Element => {
  const { time } = useApp();
  const { canary, counts, max_failures: most, selector } = update;
  return (
    <header class="run-head">
      <p class="run-crumb muted">
        <a href="/updates">Agent updates</a> / {time.stamp(update.created_at)}
      </p>
      <div class="run-head-line">
        <h1 class="page-title">
          <ExecutionMark kind={updateMark(update)} />
          <span>Update to {update.version}</span>
        </h1>
        <Tools update={update} reload={reload} />
      </div>
      <CountBar counts={{ ...counts, succeeded: counts.done, queued: counts.waiting }} />
      <dl class="vm-facts run-facts">
        <div>
          <dt class="visually-hidden">State</dt>
          <dd>
            <span role="status">
              {runWords(update)}: {updateCountWords(update)}
            </span>
          </dd>
        </div>
        <Fact name="By">{update.actor.name}</Fact>
        {canary === null ? null : <Fact name="First">{formatCount(canary)} alone</Fact>}
        <Fact name="At once">{formatCount(update.concurrency)}</Fact>
        {most === null ? null : <Fact name="Ends after">{formatCount(most)} failures</Fact>}
        {selector === null ? null : (
          <Fact name="Labels">
            <span class="mono">{selector === '' ? 'any' : selector}</span>
          </Fact>
        )}
      </dl>
    </header>
  );
};

const Step = ({
  step,
  version,
  isCanary,
}: {
  readonly step: UpdateStep;
  readonly version: string;
  readonly isCanary: boolean;
}): JSX.Element => (
  <tr>
    <td>
      <span class="runs-name">
        <ExecutionMark kind={stepMark(step.state)} />
        <a class="list-name" href={`/vms/${encodeURIComponent(step.vm_id)}`}>
          {step.vm_name}
        </a>
        {isCanary ? <span class="chip">first</span> : null}
      </span>
    </td>
    <td data-name="State">{stepWords(step.state)}</td>
    <td data-name="Version" class="mono update-change">
      {changeWords(step, version)}
    </td>
    <td data-name="Build" class="secondary">
      {step.artefact === 'guest-agent.mjs' ? 'Node' : step.artefact === null ? '–' : 'native'}
    </td>
    <td class="list-wide secondary">{step.problem?.message ?? ''}</td>
  </tr>
);

const Steps = ({ update }: { readonly update: Update }): JSX.Element => (
  <div class="list-box panel section">
    <table class="list update-steps" aria-label="VMs">
      <thead>
        <tr>
          {['VM', 'State', 'Version', 'Build', 'Why'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {update.steps.map((step, index) => (
          <Step
            key={step.id}
            step={step}
            version={update.version}
            isCanary={index < (update.canary ?? 0)}
          />
        ))}
      </tbody>
    </table>
  </div>
);

const Absent = (): JSX.Element => (
  <div class="empty">
    <h1>There is no such update</h1>
    <p>It was deleted after its time, or it is none that you may see.</p>
    <a class="button" href="/updates">
      All updates
    </a>
  </div>
);

export const UpdatePage = ({ id }: { readonly id: string }): JSX.Element => {
  const { value, problem, reload } = useAnswer<Update>(
    `/v1/updates/${encodeURIComponent(id)}`,
    REFRESH_MS,
  );
  const isAbsent = problem?.status === 404 || problem?.status === 422;
  return (
    <div class="page">
      {problem === undefined ? null : isAbsent ? (
        <Absent />
      ) : (
        <ProblemNote problem={problem} onRetry={reload} />
      )}
      {value === undefined ? (
        problem === undefined ? (
          <p class="muted" role="status">
            Loading the update
          </p>
        ) : null
      ) : (
        <>
          <Head update={value} reload={reload} />
          <Steps update={value} />
        </>
      )}
    </div>
  );
};
