/** One step of a round: what runs, how far it is, and where it has failed, why. */
import type { ProvisioningStep } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { ExecutionMark } from '../runs/execution-mark.tsx';
import { logPath } from '../runs/log-path.ts';
import { ProgressBar } from '../runs/progress-bar.tsx';
import { stepAdvice, stepMark, stepWords, whenWords } from './provision-words.ts';

const Duration = ({
  step,
  managerNow,
}: {
  readonly step: ProvisioningStep;
  readonly managerNow: () => number;
}): JSX.Element | null => {
  const { ticker } = useApp();
  const { started_at: startedAt, ended_at: endedAt } = step;
  if (startedAt === null || step.state === 'waiting') return null;
  if (endedAt === null) void ticker.now.value;
  const seconds = Math.max(0, (endedAt ?? managerNow()) - startedAt) / 1000;
  return <span class="muted provision-time">{formatDuration(seconds)}</span>;
};

const Links = ({
  vmId,
  step,
}: {
  readonly vmId: string;
  readonly step: ProvisioningStep;
}): JSX.Element | null => {
  const { run_id: runId, execution_id: executionId } = step;
  if (runId === null || executionId === null) return null;
  const query = new URLSearchParams({ tab: 'run', run: runId });
  return (
    <span class="provision-links">
      <a class="link" href={`/vms/${encodeURIComponent(vmId)}?${query.toString()}`}>
        Output<span class="visually-hidden"> of {step.name}</span>
      </a>
      <a class="link" href={logPath(runId, executionId, 'txt')} target="_blank" rel="noreferrer">
        Log<span class="visually-hidden"> of {step.name}</span>
      </a>
    </span>
  );
};

export const StepRow = ({
  vmId,
  step,
  managerNow,
  mayReadOutput,
}: {
  readonly vmId: string;
  readonly step: ProvisioningStep;
  readonly managerNow: () => number;
  readonly mayReadOutput: boolean;
}): JSX.Element => {
  const advice = stepAdvice(step);
  const { last_lines: lines, problem, progress, attempts } = step;
  return (
    <li class="provision-step" data-state={step.state}>
      <ExecutionMark kind={stepMark(step)} />
      <div class="provision-body">
        <div class="provision-line">
          <b class="provision-name">{step.name}</b>
          <span class="secondary">{stepWords(step)}</span>
          <span class="muted">
            {whenWords(step.when)}
            {step.source === 'guest' ? ', of the guest' : ''}
            {attempts > 1 ? `, attempt ${attempts}` : ''}
          </span>
          <Duration step={step} managerNow={managerNow} />
          {mayReadOutput ? <Links vmId={vmId} step={step} /> : null}
        </div>
        {step.path === null ? null : <p class="mono muted provision-path">{step.path}</p>}
        {step.state === 'running' && progress !== null ? <ProgressBar progress={progress} /> : null}
        {problem === null ? null : <p class="provision-problem">{problem.message}</p>}
        {advice === undefined ? null : <p class="muted">{advice}</p>}
        {lines === null || lines.length === 0 ? null : (
          <pre
            class="provision-lines"
            tabIndex={0}
            role="region"
            aria-label={`Last lines of ${step.name}`}
          >
            {lines.join('\n')}
          </pre>
        )}
      </div>
    </li>
  );
};
