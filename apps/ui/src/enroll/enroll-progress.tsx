/** The steps from a token to the first reading, each with its time, and why somebody was refused. */
import type { Enrollment } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { ExecutionMark } from '../runs/execution-mark.tsx';
import { ScriptList } from './script-list.tsx';
import { enrollmentSteps, refusalNote, type EnrollmentStep } from './enrollment-steps.ts';

const MARKS = { done: 'good', current: 'active', waiting: 'waiting', unseen: 'off' } as const;

const STATE_WORDS = {
  done: '',
  current: 'waits for it',
  waiting: '–',
  unseen: 'not seen',
} as const;

const Step = ({ step }: { readonly step: EnrollmentStep }): JSX.Element => {
  const { time } = useApp();
  const { at, afterMs, state, words } = step;
  return (
    <li data-state={state}>
      <ExecutionMark kind={MARKS[state]} />
      <span>{words}</span>
      {at === undefined ? (
        <span class="muted">{STATE_WORDS[state]}</span>
      ) : (
        <span class="muted enroll-time">
          <time dateTime={new Date(at).toISOString()} title={time.full(at)}>
            {time.clock(at)}
          </time>
          {afterMs === undefined || afterMs < 1000 ? '' : `, +${formatDuration(afterMs / 1000)}`}
        </span>
      )}
    </li>
  );
};

const Refusal = ({ enrollment }: { readonly enrollment: Enrollment }): JSX.Element | null => {
  const { time } = useApp();
  const note = refusalNote(enrollment);
  if (note === undefined) return null;
  return (
    <div class="note note-problem" role="alert">
      <p>
        <b>Refused at {time.clock(note.at)}</b>, from <span class="mono">{note.from}</span>:{' '}
        {note.words}. {note.advice}
      </p>
    </div>
  );
};

const Agent = ({ agent }: Pick<Enrollment, 'agent'>): JSX.Element | null => {
  const { time } = useApp();
  if (agent === null) return null;
  return (
    <p class="muted enroll-agent">
      {agent.hostname ?? 'An agent'} is enrolled since{' '}
      <time dateTime={new Date(agent.enrolled_at).toISOString()}>
        {time.short(agent.enrolled_at)}
      </time>
      : agent {agent.version} ({agent.build}, {agent.architecture}), key{' '}
      <span class="mono">{agent.fingerprint}</span>
      {agent.addresses.length === 0 ? null : (
        <>
          , at <span class="mono">{agent.addresses.join(', ')}</span>
        </>
      )}
    </p>
  );
};

export const EnrollProgress = ({
  vmId,
  enrollment,
}: {
  readonly vmId: string;
  readonly enrollment: Enrollment;
}): JSX.Element => {
  const steps = enrollmentSteps(enrollment);
  const last = steps.findLast(({ state }) => state === 'done');
  return (
    <div class="enroll-progress">
      <h3>How far it is</h3>
      <p class="visually-hidden" role="status">
        {last === undefined ? 'No token yet' : last.words}
      </p>
      <ol class="enroll-steps">
        {steps.map((step) => (
          <Step key={step.kind} step={step} />
        ))}
      </ol>
      <Refusal enrollment={enrollment} />
      {last?.kind === 'enrolled' ? (
        <p class="muted enroll-agent">
          It is asked from now on. If nothing comes, let this manager through to port{' '}
          {enrollment.agent?.agent_port ?? 8080} of the guest; the settings of the VM must have the
          same port.
        </p>
      ) : null}
      <Agent agent={enrollment.agent} />
      <ScriptList vmId={vmId} />
    </div>
  );
};
