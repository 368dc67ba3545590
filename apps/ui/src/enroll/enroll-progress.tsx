/** The steps from a token to the first reading, each with its time, and why somebody was refused. */
import type { Enrollment } from '@innkeeper/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { ExecutionMark } from '../runs/execution-mark.tsx';
import { enrollmentSteps, refusalNote, type EnrollmentStep } from './enrollment-steps.ts';
import { stallAdvice } from './stall-advice.ts';

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

/** By the clock of this page: how long it has seen nothing new. */
const Stall = ({
  enrollment,
  waitsFor,
}: {
  readonly enrollment: Enrollment;
  readonly waitsFor: EnrollmentStep['kind'] | undefined;
}): JSX.Element | null => {
  const { ticker, now } = useApp();
  void ticker.now.value;
  const [since] = useState(now);
  const advice = stallAdvice(enrollment, waitsFor, now() - since);
  if (advice === undefined) return null;
  return (
    <div class="note" role="status">
      <div class="enroll-stall">
        <p>{advice.why}</p>
        <ul>
          {advice.steps.map((step) => (
            <li key={step.text}>
              {step.text}
              {step.code === undefined ? null : (
                <>
                  {' '}
                  <code class="mono">{step.code}</code>
                </>
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
};

export const EnrollProgress = ({
  enrollment,
  children,
}: {
  readonly enrollment: Enrollment;
  readonly children?: ComponentChildren;
}): JSX.Element => {
  const steps = enrollmentSteps(enrollment);
  const last = steps.findLast(({ state }) => state === 'done');
  const current = steps.find(({ state }) => state === 'current');
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
      <Stall key={last?.kind} enrollment={enrollment} waitsFor={current?.kind} />
      <Agent agent={enrollment.agent} />
      {children}
    </div>
  );
};
