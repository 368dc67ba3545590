/** A VMM that a host sees and nobody has registered, with what it takes to adopt it. */
import type { FoundVmm, Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatBytes, quantityText } from '../../format/quantity.ts';
import type { ApiProblem } from '../../state/api.ts';
import { foundName } from './found-name.ts';

const KINDS: Readonly<Record<string, string>> = {
  qemu: 'QEMU',
  firecracker: 'Firecracker',
  'cloud-hypervisor': 'Cloud Hypervisor',
};

const factsOf = (found: FoundVmm): string =>
  [
    `pid ${found.pid}`,
    found.vcpu_count === null ? [] : [`${found.vcpu_count} vCPU`],
    found.memory_configured_bytes === null
      ? []
      : [quantityText(formatBytes(found.memory_configured_bytes))],
    found.taps.slice(0, 4),
  ]
    .flat()
    .join(', ');

export const FoundRow = ({
  found,
  mayAdopt,
  onAdopted,
}: {
  readonly found: FoundVmm;
  readonly mayAdopt: boolean;
  readonly onAdopted: (vm: Vm) => void;
}): JSX.Element => {
  const { session, ticker } = useApp();
  const told = foundName(found);
  const [name, setName] = useState(told);
  const [address, setAddress] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const adopt = async (): Promise<void> => {
    setBusy(true);
    const wanted = name.trim();
    const result = await session.api.send<Vm>(
      'POST',
      `/v1/hosts/${found.host_id}/found/${encodeURIComponent(found.id)}/adopt`,
      {
        // As it was proposed: then the manager makes it unique.
        ...(wanted === told || wanted === '' ? {} : { name: wanted }),
        ...(address.trim() === '' ? {} : { guest_ip: address.trim() }),
      },
    );
    setBusy(false);
    if (result.ok) onAdopted(result.value);
    else setProblem(result.problem);
  };
  const age =
    found.started_at === null ? null : Math.max(0, ticker.now.value - found.started_at) / 1000;
  return (
    <li class="found">
      <div class="found-facts">
        <span class="list-name">{told}</span>{' '}
        <span class="chip">{KINDS[found.kind] ?? found.kind}</span>
        <div class="list-sub">
          {factsOf(found)}
          {age === null ? null : `, runs for ${formatDuration(age)}`}
        </div>
      </div>
      {mayAdopt ? (
        <form
          class="found-form"
          onSubmit={(event) => {
            event.preventDefault();
            void adopt();
          }}
        >
          <input
            class="input"
            aria-label={`Name for ${told}`}
            placeholder="Name"
            maxLength={128}
            autocomplete="off"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <input
            class="input mono"
            aria-label={`Address of ${told}, if it runs the agent`}
            placeholder="Address, if any"
            maxLength={45}
            autocomplete="off"
            value={address}
            onInput={(event) => setAddress(event.currentTarget.value)}
          />
          <button type="submit" class="button button-primary" disabled={busy}>
            Adopt
          </button>
        </form>
      ) : null}
      {problem === undefined ? null : (
        <p class="problem found-problem" role="alert">
          {problem.message}
        </p>
      )}
    </li>
  );
};
