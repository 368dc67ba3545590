/** The processes that an agent listed before it fell silent, as the manager has stored them. */
import type { PastProcess, ProcessSnapshot } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatBytes, formatPercent, quantityText, UNKNOWN_FIGURE } from '../../format/quantity.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { AskProblem } from './ask-problem.tsx';
import { useVm } from './vm-stores.ts';

const NOT_FOUND = 404;

const Row = ({ process }: { readonly process: PastProcess }): JSX.Element => (
  <tr>
    <td class="muted">{process.pid}</td>
    <td class="vm-cut">{process.user ?? UNKNOWN_FIGURE}</td>
    <td class="vm-cut vm-command" title={process.name}>
      {process.name}
    </td>
    <td class="numeric">{quantityText(formatPercent(process.cpu_usage_percent))}</td>
    <td class="numeric">{quantityText(formatBytes(process.rss_bytes))}</td>
    <td class="numeric vm-optional">{quantityText(formatPercent(process.memory_usage_percent))}</td>
  </tr>
);

const Table = ({ snapshot }: { readonly snapshot: ProcessSnapshot }): JSX.Element => (
  <div class="vm-scroll" tabIndex={0} role="region" aria-label="Processes">
    <table class="vm-table vm-table-wide">
      <thead>
        <tr>
          <th scope="col">PID</th>
          <th scope="col">User</th>
          <th scope="col">Command</th>
          <th scope="col" class="numeric">
            CPU
          </th>
          <th scope="col" class="numeric">
            Memory
          </th>
          <th scope="col" class="numeric vm-optional">
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {snapshot.processes.map((process) => (
          <Row key={process.pid} process={process} />
        ))}
      </tbody>
    </table>
  </div>
);

/** `at`: when the agent answered for the last time. */
export const StoredProcesses = ({ at }: { readonly at: number }): JSX.Element => {
  const { time } = useApp();
  const { id } = useVm();
  const path = `/v1/vms/${encodeURIComponent(id)}/processes/history?at=${Math.round(at)}`;
  const { value: snapshot, problem, reload } = useAnswer<ProcessSnapshot>(path);
  const silence = `The agent does not answer; it last did at ${time.stamp(at)}.`;
  if (snapshot !== undefined) {
    return (
      <>
        <p class="vm-side-head">
          {silence} These were the busiest processes by CPU at {time.stamp(snapshot.taken_at)}.
        </p>
        <Table snapshot={snapshot} />
      </>
    );
  }
  return (
    <>
      <p class="vm-side-head" role="status">
        {silence}{' '}
        {problem === undefined
          ? 'Loading its last list.'
          : problem.status === NOT_FOUND
            ? 'No list of processes is stored from then.'
            : ''}
      </p>
      <AskProblem problem={problem?.status === NOT_FOUND ? undefined : problem} onRetry={reload} />
    </>
  );
};
