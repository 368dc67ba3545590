/** The hypervisors: how their agents are doing, and what runs there that nobody registered. */
import type { FleetMember, Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { ForbiddenNote, ProblemNote } from '../../ui/problem-note.tsx';
import { FoundSection } from './found-section.tsx';
import { HostDialogs } from './host-dialogs.tsx';
import { HostRow } from './host-row.tsx';
import { hostPlace, LOCAL } from '../fleet/host-place.ts';
import '../../ui/form.css';
import '../../ui/list.css';
import './hosts-page.css';

const REFRESH_MS = 3_000;

const COLUMNS: readonly { readonly name: string; readonly numeric?: boolean }[] = [
  { name: 'Name' },
  { name: 'Address' },
  { name: 'CPU', numeric: true },
  { name: 'CPUs', numeric: true },
  { name: 'Memory', numeric: true },
  { name: 'VMs', numeric: true },
  { name: 'VMMs', numeric: true },
  { name: 'Agent' },
  { name: 'Last answer' },
];

const countByHost = (members: readonly FleetMember[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const member of members) {
    const place = hostPlace(member);
    if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
};

const HostTable = ({ hosts }: { readonly hosts: readonly Host[] }): JSX.Element => {
  const { fleet, navigation, session } = useApp();
  const isLoaded = fleet.membership.value > 0;
  const { changeHosts, deleteHosts } = permissionsIn(session.state.value);
  const counts = countByHost(fleet.all().map(({ member }) => member));
  const countOf = ({ id, is_local: isLocal }: Host): number =>
    (counts.get(id) ?? 0) + (isLocal ? (counts.get(LOCAL) ?? 0) : 0);
  return (
    <div class="list-box panel">
      <table class="list" aria-label="Hosts">
        <thead>
          <tr>
            {COLUMNS.map(({ name, numeric }) => (
              <th key={name} scope="col" class={numeric === true ? 'numeric' : undefined}>
                {name}
              </th>
            ))}
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {hosts.map((host) => (
            <HostRow
              key={host.id}
              host={host}
              vmCount={isLoaded ? countOf(host) : undefined}
              mayChange={changeHosts}
              mayDelete={deleteHosts}
              onDialog={(dialog) => navigation.setQuery({ dialog, of: host.id })}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
};

const NoHosts = ({ mayRegister }: { readonly mayRegister: boolean }): JSX.Element => (
  <div class="empty">
    <h2>No hosts yet</h2>
    <p>
      A host’s agent tells how each VM looks from outside, and finds VMs that nobody registered.
      {mayRegister ? '' : ' Somebody with the role operator can register one.'}
    </p>
  </div>
);

const NothingFound = ({ hosts }: { readonly hosts: readonly Host[] }): JSX.Element | null =>
  hosts.some(({ status }) => status.state === 'up') ? (
    <p class="section muted">Every VMM that the hosts see is registered.</p>
  ) : null;

const Content = (): JSX.Element => {
  const { hosts, session } = useApp();
  const { changeHosts } = permissionsIn(session.state.value);
  const list = hosts.hosts.value;
  const problem = hosts.problem.value;
  if (list === undefined && problem !== undefined) {
    return <ProblemNote problem={problem} onRetry={() => void hosts.refresh()} />;
  }
  if (list === undefined) {
    return (
      <p class="muted" role="status">
        Loading the hosts
      </p>
    );
  }
  return (
    <>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {list.length === 0 ? <NoHosts mayRegister={changeHosts} /> : <HostTable hosts={list} />}
      <FoundSection hosts={list} whenNone={<NothingFound hosts={list} />} />
      <HostDialogs hosts={list} />
    </>
  );
};

export const HostsPage = (): JSX.Element => {
  const { hosts, navigation, session } = useApp();
  const { readHosts, changeHosts } = permissionsIn(session.state.value);
  useEffect(() => {
    if (!readHosts) return undefined;
    void hosts.refresh();
    const timer = setInterval(() => void hosts.refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [hosts, readHosts]);
  return (
    <div class="page">
      <PageHead
        title="Hosts"
        action={
          changeHosts
            ? { text: 'Register a host', act: () => navigation.setQuery({ dialog: 'register' }) }
            : undefined
        }
      />
      {readHosts ? (
        <Content />
      ) : (
        <ForbiddenNote>
          Your token sees some of the VMs, and hosts are about all of them.
        </ForbiddenNote>
      )}
    </div>
  );
};
