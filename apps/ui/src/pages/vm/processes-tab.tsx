/** The processes of the VM, as its agent lists them while they are looked at. */
import type { ProcessEntry, ProcessList, ProcessOrder } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatCount } from '../../format/count.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatBytes, formatPercent, quantityText, UNKNOWN_FIGURE } from '../../format/quantity.ts';
import { AskProblem } from './ask-problem.tsx';
import { StoredProcesses } from './stored-processes.tsx';
import { useAsked } from './use-asked.ts';
import { silentSince } from './vm-moments.ts';
import { useVm } from './vm-stores.ts';
import './vm-table.css';

const REFRESH_MS = 5_000;
const ORDERS = [
  ['cpu', 'CPU'],
  ['memory', 'Memory'],
  ['io', 'Disk'],
] as const satisfies readonly (readonly [ProcessOrder, string])[];

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting for disk',
  Z: 'zombie',
  T: 'stopped',
  t: 'traced',
  I: 'idle',
  X: 'dead',
};

const stateWord = (letter: string): string => STATES[letter] ?? letter;

const bytesText = (bytes: number | null | undefined): string =>
  quantityText(formatBytes(bytes ?? null));

const Row = ({
  process,
  now,
}: {
  readonly process: ProcessEntry;
  readonly now: number;
}): JSX.Element => (
  <tr>
    <td class="muted">{process.pid}</td>
    <td class="vm-cut">{process.user ?? process.uid ?? UNKNOWN_FIGURE}</td>
    <td class="vm-cut vm-command" title={process.name}>
      {process.name}
    </td>
    <td class="secondary vm-optional">{stateWord(process.state)}</td>
    <td class="numeric vm-optional">{process.threads}</td>
    <td class="numeric">{quantityText(formatPercent(process.cpu_usage_percent))}</td>
    <td class="numeric vm-optional">{formatDuration(process.cpu_seconds)}</td>
    <td class="numeric">{bytesText(process.rss_bytes)}</td>
    <td class="numeric vm-optional">{quantityText(formatPercent(process.memory_usage_percent))}</td>
    <td class="numeric vm-optional" title={process.io === null ? 'the kernel hides it' : undefined}>
      {bytesText(process.io?.read_bytes)}
    </td>
    <td class="numeric vm-optional" title={process.io === null ? 'the kernel hides it' : undefined}>
      {bytesText(process.io?.write_bytes)}
    </td>
    <td class="numeric vm-optional">
      {process.started_at === null
        ? UNKNOWN_FIGURE
        : formatDuration((now - process.started_at) / 1000)}
    </td>
  </tr>
);

const Summary = ({ list }: { readonly list: ProcessList }): JSX.Element => {
  const states = Object.entries(list.by_state).filter(([, count]) => count > 0);
  return (
    <p class="muted">
      {formatCount(list.total)} processes, {formatCount(list.threads)} threads
      {states.map(([letter, count]) => `, ${count} ${stateWord(letter)}`).join('')}
    </p>
  );
};

const HEADS = [
  ['PID', ''],
  ['User', ''],
  ['Command', ''],
  ['State', 'vm-optional'],
  ['Threads', 'numeric vm-optional'],
  ['CPU', 'numeric'],
  ['CPU time', 'numeric vm-optional'],
  ['Memory', 'numeric'],
  ['Share', 'numeric vm-optional'],
  ['Read', 'numeric vm-optional'],
  ['Written', 'numeric vm-optional'],
  ['Age', 'numeric vm-optional'],
] as const;

export const ProcessesTab = (): JSX.Element => {
  const { navigation, time } = useApp();
  const { id, live } = useVm();
  const chosen = navigation.place.value.query.get('by');
  const by = ORDERS.find(([order]) => order === chosen)?.[0] ?? 'cpu';
  const path = `/v1/vms/${encodeURIComponent(id)}/processes?top=50&by=${by}`;
  const { value: list, problem, again } = useAsked<ProcessList>(path, REFRESH_MS);
  const silent = silentSince(live.reading.value);
  if (silent !== undefined && list === undefined) {
    return (
      <div class="vm-side">
        <StoredProcesses at={silent} />
      </div>
    );
  }
  return (
    <div class="vm-side">
      <div class="vm-side-head">
        <div class="segments" role="group" aria-label="Order">
          {ORDERS.map(([order, name]) => (
            <button
              key={order}
              type="button"
              aria-current={order === by ? 'true' : undefined}
              onClick={() => navigation.setQuery({ by: order === 'cpu' ? null : order })}
            >
              By {name}
            </button>
          ))}
        </div>
        {list === undefined ? null : <Summary list={list} />}
      </div>
      <AskProblem problem={problem} onRetry={again} />
      {silent === undefined ? null : (
        <p class="vm-side-head">
          The agent does not answer; it last did at {time.stamp(silent)}, and this is its last list.
        </p>
      )}
      {list === undefined && problem === undefined ? (
        <p class="muted" role="status">
          Loading
        </p>
      ) : null}
      {list === undefined ? null : (
        <div class="vm-scroll" tabIndex={0} role="region" aria-label="Processes">
          <table class="vm-table vm-table-wide">
            <thead>
              <tr>
                {HEADS.map(([name, column]) => (
                  <th key={name} scope="col" class={column}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.processes.map((process) => (
                <Row key={process.pid} process={process} now={list.taken_at} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
};
