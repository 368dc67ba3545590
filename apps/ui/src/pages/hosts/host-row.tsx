/** One host of the table. */
import type { Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatAge } from '../../format/duration.ts';
import {
  formatBytes,
  formatPercent,
  UNKNOWN_FIGURE,
  type Quantity,
} from '../../format/quantity.ts';
import { Icon } from '../../ui/icons.tsx';
import { LOCAL } from '../fleet/host-place.ts';
import { HOST_ADVICE } from './host-advice.ts';
import { HostMark } from './host-mark.tsx';

export type HostDialog = 'edit' | 'remove' | 'setup';

const Figure = ({ quantity, name }: { quantity: Quantity; name: string }): JSX.Element => (
  <td class="numeric" data-name={name}>
    {quantity.figure}
    {quantity.unit === '' ? null : <span class="unit">{quantity.unit}</span>}
  </td>
);

const LastAnswer = ({ status }: Pick<Host, 'status'>): JSX.Element => {
  const { ticker, time } = useApp();
  const advice = status.reason === null ? undefined : HOST_ADVICE[status.reason];
  return (
    <td class="list-wide" data-name="Last answer">
      {status.seen_at === null ? (
        <span class="secondary">No answer yet</span>
      ) : (
        <time dateTime={new Date(status.seen_at).toISOString()} title={time.full(status.seen_at)}>
          {formatAge(ticker.now.value - status.seen_at)}
        </time>
      )}
      {advice === undefined ? null : (
        <div class="list-sub" title={advice.next}>
          {advice.why}
          <span class="visually-hidden">. {advice.next}</span>
        </div>
      )}
    </td>
  );
};

/** Its version, or how else it comes to answer. */
const AgentCell = ({
  host,
  mayChange,
}: {
  readonly host: Host;
  readonly mayChange: boolean;
}): JSX.Element => {
  const { time } = useApp();
  const { agent, is_local: isLocal, status } = host;
  if (agent !== null) {
    return (
      <td data-name="Agent" title={`enrolled ${time.full(agent.enrolled_at)}`}>
        {agent.version} <span class="secondary">{agent.build}</span>
      </td>
    );
  }
  const words = isLocal
    ? 'of the manager'
    : status.state === 'up'
      ? 'set up by hand'
      : 'not enrolled';
  return (
    <td class="secondary" data-name="Agent">
      {words}
      {mayChange && !isLocal && status.state !== 'up' ? (
        <>
          {' '}
          <a class="link" href={`/hosts?dialog=setup&of=${host.id}`}>
            Enrol<span class="visually-hidden"> {host.name}</span>
          </a>
        </>
      ) : null}
    </td>
  );
};

/** "3", "3, 1 new". */
const VmmCount = ({ status }: Pick<Host, 'status'>): JSX.Element => (
  <td class="numeric" data-name="VMMs">
    {status.vmm_count ?? UNKNOWN_FIGURE}
    {(status.found_count ?? 0) > 0 ? (
      <span class="host-found-count">{status.found_count} new</span>
    ) : null}
  </td>
);

export const HostRow = ({
  host,
  vmCount,
  mayChange,
  mayDelete,
  onDialog,
}: {
  readonly host: Host;
  /** Undefined until the fleet is known. */
  readonly vmCount: number | undefined;
  readonly mayChange: boolean;
  readonly mayDelete: boolean;
  readonly onDialog: (dialog: HostDialog) => void;
}): JSX.Element => {
  const { status } = host;
  const where = host.address.includes(':') ? `[${host.address}]` : host.address;
  const action = (
    dialog: HostDialog,
    label: string,
    icon: 'edit' | 'trash' | 'sliders',
  ): JSX.Element => (
    <button
      type="button"
      class="button button-icon"
      title={label}
      aria-label={`${label}: ${host.name}`}
      onClick={() => onDialog(dialog)}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <tr>
      <td>
        <div class="host-name">
          <HostMark state={status.state} />
          <span class="list-name">{host.name}</span>
          {host.is_local ? <span class="chip">this machine</span> : null}
        </div>
      </td>
      <td class="mono" data-name="Address">
        {where}:{host.agent_port}
      </td>
      <Figure name="CPU" quantity={formatPercent(status.cpu_usage_percent)} />
      <td class="numeric" data-name="CPUs">
        {status.cpu_count ?? UNKNOWN_FIGURE}
      </td>
      <Figure name="Memory" quantity={formatBytes(status.memory_total_bytes)} />
      <td class="numeric" data-name="VMs">
        <a
          class="link"
          href={`/?host=${host.id}${host.is_local ? `,${LOCAL}` : ''}`}
          aria-label={`${vmCount ?? ''} ${vmCount === 1 ? 'VM' : 'VMs'} of ${host.name}`.trim()}
        >
          {vmCount ?? UNKNOWN_FIGURE}
        </a>
      </td>
      <VmmCount status={status} />
      <AgentCell host={host} mayChange={mayChange} />
      <LastAnswer status={status} />
      <td class="list-wide">
        <div class="list-actions">
          {host.is_local ? null : action('setup', 'Set up its agent', 'sliders')}
          {mayChange ? action('edit', 'Change', 'edit') : null}
          {mayDelete && !host.is_local ? action('remove', 'Remove', 'trash') : null}
        </div>
      </td>
    </tr>
  );
};
