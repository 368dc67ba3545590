/** Watches a VM that was just registered until its first values are there, or says why not. */
import type { PullFailureKind } from '@innkeeper/protocol';
import type { FleetRow } from '@innkeeper/protocol/fleet-frame';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import {
  formatBytes,
  formatBytesPerSecond,
  formatPercent,
  type Quantity,
} from '../../format/quantity.ts';
import type { FleetVm } from '../../state/fleet-entries.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { arrivalOf, type Arrival } from './arrival.ts';
import { ChangeAddress } from './change-address.tsx';
import { GUEST_ADVICE } from './guest-advice.ts';

const Value = ({ name, quantity }: { name: string; quantity: Quantity }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>
      {quantity.figure}
      {quantity.unit === '' ? null : <span class="unit">{quantity.unit}</span>}
    </dd>
  </div>
);

const Values = ({ row }: { readonly row: FleetRow }): JSX.Element => (
  <dl class="arrival-values">
    <Value name="CPU" quantity={formatPercent(row.cpuUsagePercent)} />
    <Value name="Memory" quantity={formatPercent(row.memoryUsagePercent)} />
    <Value name="of" quantity={formatBytes(row.memoryTotalBytes)} />
    <Value name="Net in" quantity={formatBytesPerSecond(row.networkRxBytesPerSecond)} />
  </dl>
);

const Advice = ({ reason }: { readonly reason: PullFailureKind }): JSX.Element => (
  <>
    <p>{GUEST_ADVICE[reason].why}</p>
    <ul class="arrival-steps">
      {GUEST_ADVICE[reason].steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ul>
  </>
);

const TITLES = {
  waiting: 'Waiting for the first answer',
  answering: 'It answers',
  host_only: 'Its host sees it, its agent gives no values',
  failing: 'No values yet; it is asked again and again',
} as const satisfies Readonly<Record<Arrival['kind'], string>>;

const titleOf = (arrival: Arrival): string =>
  arrival.kind === 'failing' && arrival.reason === 'no_guest_ip'
    ? 'Waiting for its agent to enrol, or for its address'
    : TITLES[arrival.kind];

const Head = ({
  vm,
  arrival,
  children,
}: {
  readonly vm: FleetVm;
  readonly arrival: Arrival;
  readonly children?: ComponentChildren;
}): JSX.Element => (
  <div class="arrival-head">
    <StateMark state={vm.row?.state ?? 'unknown'} />
    <h2>
      <span class="list-name">{vm.member.name}</span>
    </h2>
    <span class="secondary" role="status">
      {titleOf(arrival)}
    </span>
    {children}
  </div>
);

const Body = ({ vm, arrival }: { vm: FleetVm; arrival: Arrival }): JSX.Element | null => {
  const { id, guest_ip: address } = vm.member;
  if (arrival.kind === 'answering') return <Values row={arrival.row} />;
  if (arrival.kind === 'waiting' && address !== null) return null;
  const reason = arrival.kind === 'waiting' ? 'no_guest_ip' : arrival.reason;
  return (
    <>
      {arrival.kind === 'host_only' ? <Values row={arrival.row} /> : null}
      {reason === null ? null : <Advice reason={reason} />}
      <ChangeAddress vmId={id} address={address} />
    </>
  );
};

export const ArrivalPanel = ({
  vmId,
  added,
}: {
  readonly vmId: string;
  /** How many were added on this page: with each the focus comes here, where it goes on. */
  readonly added: number;
}): JSX.Element => {
  const { fleet } = useApp();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (added > 0) panel.current?.focus();
  }, [added]);
  void fleet.tick.value;
  const vm = fleet.get(vmId);
  if (vm === undefined) {
    return (
      <section ref={panel} tabIndex={-1} class="arrival panel" aria-label="The VM that was added">
        <p class="muted" role="status">
          {fleet.membership.value === 0 ? 'Loading' : 'This VM is not in the fleet.'}
        </p>
      </section>
    );
  }
  const arrival = arrivalOf(vm.row);
  return (
    <section ref={panel} tabIndex={-1} class="arrival panel" aria-label="The VM that was added">
      <Head vm={vm} arrival={arrival}>
        <a class="button arrival-link" href={`/vms/${vm.member.id}`}>
          Open it
        </a>
      </Head>
      <Body vm={vm} arrival={arrival} />
    </section>
  );
};
