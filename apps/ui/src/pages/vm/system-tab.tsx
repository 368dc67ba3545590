/** What the machine is: system, hardware, addresses, filesystems, as its agent tells. */
import type { Info } from '@innkeeper/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatBytes, quantityText, UNKNOWN_FIGURE } from '../../format/quantity.ts';
import { agentSilence } from './agent-silence.ts';
import { AskProblem } from './ask-problem.tsx';
import { useVm } from './vm-stores.ts';
import './vm-table.css';

type Line = readonly [name: string, value: ComponentChildren];

const words = (...parts: readonly (string | null)[]): string => {
  const known = parts.filter((part) => part !== null && part !== '');
  return known.length === 0 ? UNKNOWN_FIGURE : known.join(' ');
};

const Facts = ({
  title,
  lines,
}: {
  readonly title: string;
  readonly lines: readonly Line[];
}): JSX.Element => (
  <section class="vm-section">
    <h2>{title}</h2>
    <dl class="vm-lines">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  </section>
);

const addressesOf = ({ addresses }: Info['interfaces'][number]): string =>
  addresses === null || addresses.length === 0
    ? UNKNOWN_FIGURE
    : addresses.map(({ address, prefix_length: length }) => `${address}/${length}`).join(', ');

const Interfaces = ({ interfaces }: Pick<Info, 'interfaces'>): JSX.Element => (
  <section class="vm-section">
    <h2>Interfaces</h2>
    <div class="vm-scroll" tabIndex={0} role="region" aria-label="Interfaces">
      <table class="vm-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Addresses</th>
            <th scope="col">MAC</th>
            <th scope="col" class="numeric">
              MTU
            </th>
          </tr>
        </thead>
        <tbody>
          {interfaces.map((one) => (
            <tr key={one.device}>
              <td class="mono">{one.device}</td>
              <td class="secondary">{one.operstate ?? UNKNOWN_FIGURE}</td>
              <td class="mono vm-wrap">{addressesOf(one)}</td>
              <td class="mono secondary">{one.mac_address ?? UNKNOWN_FIGURE}</td>
              <td class="numeric">{one.mtu_bytes ?? UNKNOWN_FIGURE}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

const Mounts = ({ filesystems }: Pick<Info, 'filesystems'>): JSX.Element => (
  <section class="vm-section">
    <h2>Filesystems</h2>
    <div class="vm-scroll" tabIndex={0} role="region" aria-label="Filesystems">
      <table class="vm-table">
        <thead>
          <tr>
            <th scope="col">Mounted at</th>
            <th scope="col">Device</th>
            <th scope="col">Kind</th>
            <th scope="col" class="numeric">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {filesystems.map(({ mountpoint, device, fstype, size_bytes: size }) => (
            <tr key={mountpoint}>
              <td class="mono vm-wrap">{mountpoint}</td>
              <td class="mono secondary vm-wrap">{device}</td>
              <td class="secondary">{fstype}</td>
              <td class="numeric">{quantityText(formatBytes(size))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

const CLOUD_INIT = { running: 'still running', done: 'done', error: 'has failed' } as const;

const cloudInit = ({ status, errors }: Info['cloud_init']): string => {
  if (status === null) return 'none';
  return errors.length === 0 ? CLOUD_INIT[status] : `${CLOUD_INIT[status]}: ${errors.join('; ')}`;
};

const SystemFacts = ({ info }: { readonly info: Info }): JSX.Element => {
  const { time } = useApp();
  const { live } = useVm();
  const offset = live.reading.value?.clock_offset_ms ?? null;
  const moment = (at: number | null): string => (at === null ? UNKNOWN_FIGURE : time.full(at));
  return (
    <div class="vm-columns">
      <Facts
        title="System"
        lines={[
          ['Host name', words(info.hostname)],
          ['System', words(info.os.pretty_name ?? info.os.name)],
          ['Kernel', words(info.kernel.name, info.kernel.release)],
          ['Architecture', info.architecture],
          ['Time zone', info.timezone],
          ['Booted', moment(info.booted_at)],
          [
            'Clock',
            offset === null
              ? UNKNOWN_FIGURE
              : `${(Math.abs(offset) / 1000).toFixed(2)} s ${offset < 0 ? 'behind' : 'ahead of'} the manager’s`,
          ],
          ['Logged in', info.users === null ? UNKNOWN_FIGURE : info.users.join(', ') || 'nobody'],
        ]}
      />
      <Facts
        title="Machine"
        lines={[
          ['CPU', words(info.cpu.count === null ? null : `${info.cpu.count} ×`, info.cpu.model)],
          ['Memory', quantityText(formatBytes(info.memory.total_bytes))],
          ['Swap', quantityText(formatBytes(info.memory.swap_bytes))],
          [
            'Virtualisation',
            words(
              info.virtualization.kind,
              info.virtualization.vendor,
              info.virtualization.product,
            ),
          ],
          ['Cloud-init', cloudInit(info.cloud_init)],
          ['Machine id', <span class="mono vm-wrap">{words(info.machine_id)}</span>],
          ['Agent', info.agent.version],
          ['Manager', <span class="mono vm-wrap">{words(info.agent.manager_url)}</span>],
        ]}
      />
    </div>
  );
};

/** What is known of a machine whose agent has not told: what its host sees. */
const WithoutInfo = ({ hasProblem }: { readonly hasProblem: boolean }): JSX.Element => {
  const { time } = useApp();
  const { live } = useVm();
  const { value: reading } = live.reading;
  const silence = agentSilence(reading, time);
  const host = reading?.host ?? null;
  return (
    <>
      {silence.kind === 'silent' ? (
        <p class="vm-side-head">
          What the machine is, only its agent knows: {silence.why}.
          {host === null ? '' : ' Its host sees this of it.'}
        </p>
      ) : null}
      {silence.kind === 'waiting' && !hasProblem ? (
        <p class="muted" role="status">
          Loading
        </p>
      ) : null}
      {host === null ? null : (
        <div class="vm-columns">
          <Facts
            title="As its host sees it"
            lines={[
              ['CPU', host.vcpu_count === null ? UNKNOWN_FIGURE : `${host.vcpu_count} vCPU`],
              ['Memory', quantityText(formatBytes(host.memory_configured_bytes))],
              ['Machine', words(host.kind)],
              ['State', host.vmm_state],
              ['Started', host.started_at === null ? UNKNOWN_FIGURE : time.full(host.started_at)],
            ]}
          />
        </div>
      )}
    </>
  );
};

export const SystemTab = (): JSX.Element => {
  const { record } = useVm();
  const { value: info, problem } = record.info.value;
  return (
    <div class="vm-side">
      <AskProblem problem={problem} onRetry={() => void record.refreshInfo()} />
      {info === undefined ? (
        <WithoutInfo hasProblem={problem !== undefined} />
      ) : (
        <>
          <SystemFacts info={info} />
          <Interfaces interfaces={info.interfaces} />
          <Mounts filesystems={info.filesystems} />
        </>
      )}
    </div>
  );
};
