/** Which VM this is, how it stands, and the range that its charts show. */
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatAgentSocket } from '../../format/agent-socket.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatBytes, quantityText, UNKNOWN_FIGURE } from '../../format/quantity.ts';
import type { VmRange } from '../../state/vm-range.ts';
import { Icon } from '../../ui/icons.tsx';
import { SourceChip } from '../../ui/source-chip.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { attentionOf } from '../fleet/attention.ts';
import { agentSilence } from './agent-silence.ts';
import { RangeBar } from './range-bar.tsx';
import { useVm } from './vm-stores.ts';
import './vm-head.css';

const Fact = ({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Unknown = ({ why }: { readonly why: string }): JSX.Element => (
  <span title={why}>
    {UNKNOWN_FIGURE}
    <span class="visually-hidden">unknown: {why}</span>
  </span>
);

/** Of what only the agent knows. */
const Untold = ({ problem }: { readonly problem?: string | undefined }): JSX.Element => {
  const { time } = useApp();
  const { live } = useVm();
  const silence = agentSilence(live.reading.value, time);
  if (silence.kind === 'waiting' && problem === undefined) {
    return <span class="muted">Loading</span>;
  }
  return <Unknown why={silence.kind === 'silent' ? silence.why : (problem ?? NOT_TOLD)} />;
};

const NOT_TOLD = 'the agent does not tell it';

const SizeFact = (): JSX.Element => {
  const { live } = useVm();
  const { value: reading } = live.reading;
  const cpus = reading?.cpu_count ?? reading?.host?.vcpu_count ?? null;
  const memory = reading?.memory_total_bytes ?? reading?.host?.memory_configured_bytes ?? null;
  const disks = reading?.disks?.length ?? 0;
  const parts = [
    cpus === null ? undefined : `${cpus} vCPU`,
    memory === null ? undefined : quantityText(formatBytes(memory)),
    disks === 0 ? undefined : `${disks} ${disks === 1 ? 'disk' : 'disks'}`,
  ].filter((part) => part !== undefined);
  return (
    <>
      {parts.length === 0 ? (
        <Untold problem={reading?.origin === 'guest' ? NOT_TOLD : undefined} />
      ) : (
        parts.join(', ')
      )}
    </>
  );
};

const SystemFact = (): JSX.Element => {
  const { record } = useVm();
  const { value: info, problem } = record.info.value;
  if (info === undefined) return <Untold problem={problem?.message} />;
  const system = info.os.pretty_name ?? info.os.name;
  const kernel = info.kernel.release === null ? null : `Linux ${info.kernel.release}`;
  return <>{[system, kernel].filter((part) => part !== null).join(', ')}</>;
};

const UptimeFact = (): JSX.Element => {
  const { live } = useVm();
  const { value: reading } = live.reading;
  const seconds = reading?.uptime_seconds ?? null;
  if (seconds !== null) return <>{formatDuration(seconds)}</>;
  return <Untold problem={reading?.origin === 'guest' ? NOT_TOLD : undefined} />;
};

const SourceFact = (): JSX.Element => {
  const { id, live, record } = useVm();
  const { value: reading } = live.reading;
  const version = record.info.value.value?.agent.version;
  return (
    <>
      <SourceChip origin={reading?.origin ?? 'none'} reason={reading?.reason ?? null} />
      {reading?.origin === 'guest' && version !== undefined ? (
        <span class="muted vm-version">{version}</span>
      ) : null}
      {reading?.identity === 'unverified' ? (
        <a
          class="chip chip-none"
          href={`/vms/${encodeURIComponent(id)}?tab=settings`}
          title="The agent is not enrolled: it cannot prove which VM it is. Enrol it in the settings"
        >
          unverified
        </a>
      ) : null}
    </>
  );
};

const VmMark = (): JSX.Element => {
  const { live } = useVm();
  const { value: reading } = live.reading;
  if (reading === undefined) return <StateMark state="unknown" />;
  const attention = attentionOf({
    cpuUsagePercent: reading.cpu_usage_percent,
    memoryUsagePercent: reading.memory_usage_percent,
  });
  return <StateMark state={reading.state} attention={attention} />;
};

export const VmHead = ({
  range,
  hasRanges,
}: {
  readonly range: VmRange;
  readonly hasRanges: boolean;
}): JSX.Element => {
  const { fleet, hosts } = useApp();
  const { id, record } = useVm();
  void fleet.membership.value;
  void hosts.hosts.value;
  const vm = record.vm.value.value;
  const known = vm ?? fleet.get(id)?.member;
  const host = known?.is_local === true ? undefined : hosts.nameOf(known?.host_id ?? null);
  const ip =
    known === undefined || known.guest_ip === null
      ? undefined
      : `${known.guest_ip}${vm === undefined || vm.agent_port === 8080 ? '' : `:${vm.agent_port}`}`;
  const socket = vm?.agent_socket ?? null;
  const address = socket === null ? ip : formatAgentSocket(socket);
  const isEncrypted = socket === null && ip !== undefined && typeof vm?.tls_pin === 'string';
  const labels = Object.entries(known?.labels ?? {});
  return (
    <header class="vm-head">
      <nav class="vm-crumb" aria-label="Breadcrumb">
        <a href="/">Fleet</a> / {host === undefined ? null : <>{host} / </>}
        <span aria-current="page">{known?.name ?? id}</span>
      </nav>
      <h1 class="vm-title">
        <VmMark />
        <span>{known?.name ?? '…'}</span>
      </h1>
      {hasRanges ? <RangeBar range={range} /> : null}
      <dl class="vm-facts">
        <Fact name="Source">
          <SourceFact />
        </Fact>
        <Fact name="Host">
          {known?.is_local === true
            ? 'this machine'
            : (host ?? <Unknown why="no host is known that runs it" />)}
        </Fact>
        <Fact name="Address">
          {address === undefined ? (
            <Unknown why="it has no address yet" />
          ) : (
            <span class="mono">{address}</span>
          )}
          {isEncrypted ? (
            <span
              class="vm-lock"
              title="Encrypted: the manager asks over TLS, and only who has the agent’s key"
            >
              <Icon name="lock" />
              <span class="visually-hidden">encrypted</span>
            </span>
          ) : null}
        </Fact>
        <Fact name="System">
          <SystemFact />
        </Fact>
        <Fact name="Uptime">
          <UptimeFact />
        </Fact>
        <Fact name="Size">
          <SizeFact />
        </Fact>
        {labels.length === 0 ? null : (
          <Fact name="Labels">
            {labels.map(([key, value]) => (
              <span key={key} class="chip">
                {value === '' ? key : `${key}=${value}`}
              </span>
            ))}
          </Fact>
        )}
      </dl>
    </header>
  );
};
