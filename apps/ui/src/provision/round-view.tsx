/** One round: what it was for, and its steps. */
import type { ProvisioningRound } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { ExecutionMark } from '../runs/execution-mark.tsx';
import { causeWords, roundMark, roundWords, stepsDone } from './provision-words.ts';
import { StepRow } from './step-row.tsx';

export interface RoundProps {
  readonly round: ProvisioningRound;
  readonly managerNow: () => number;
  readonly mayReadOutput: boolean;
}

const Head = ({ round, managerNow }: Pick<RoundProps, 'round' | 'managerNow'>): JSX.Element => {
  const { ticker, time } = useApp();
  void ticker.now.value;
  const { created_at: at } = round;
  return (
    <>
      <ExecutionMark kind={roundMark(round)} />
      <span>{roundWords(round)}</span>
      <span class="muted">
        {causeWords(round)},{' '}
        <time dateTime={new Date(at).toISOString()} title={time.full(at)}>
          {formatDuration(Math.max(0, managerNow() - at) / 1000)} ago
        </time>
      </span>
    </>
  );
};

const Steps = ({ round, managerNow, mayReadOutput }: RoundProps): JSX.Element => (
  <ol class="provision-steps">
    {round.steps.map((step) => (
      <StepRow
        key={step.position}
        vmId={round.vm_id}
        step={step}
        managerNow={managerNow}
        mayReadOutput={mayReadOutput}
      />
    ))}
  </ol>
);

/** The newest: open, and with a bar while it runs. */
export const NewestRound = (props: RoundProps): JSX.Element => {
  const { round, managerNow } = props;
  return (
    <section class="vm-section" aria-label="The newest round">
      <p class="provision-head" role="status">
        <Head round={round} managerNow={managerNow} />
      </p>
      {round.state === 'running' ? (
        <progress
          class="provision-bar"
          value={stepsDone(round)}
          max={round.steps.length}
          aria-label="Steps done"
        />
      ) : null}
      <Steps {...props} />
    </section>
  );
};

export const OlderRound = (props: RoundProps): JSX.Element => (
  <details class="provision-older">
    <summary class="provision-head">
      <Head round={props.round} managerNow={props.managerNow} />
    </summary>
    <Steps {...props} />
  </details>
);
