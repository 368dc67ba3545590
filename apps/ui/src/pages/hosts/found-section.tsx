/** What hosts see that nobody registered, by host; each becomes a VM with one click. */
import type { FoundVmm, Host, Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { FoundRow } from './found-row.tsx';
import './found-section.css';

const REFRESH_MS = 5_000;
/** More at once are no list that anybody reads. */
const MAX_SHOWN = 200;

interface FoundPage {
  readonly items: readonly FoundVmm[];
}

const Adopted = ({ vm }: { readonly vm: Vm }): JSX.Element => (
  <div class="note note-good" role="status">
    <p>
      <span class="list-name">{vm.name}</span> is registered.
    </p>
    <a class="button" href={`/vms/${vm.id}`}>
      Open it
    </a>
  </div>
);

const OfHost = ({
  name,
  items,
  onAdopted,
}: {
  readonly name: string;
  readonly items: readonly FoundVmm[];
  readonly onAdopted: (vm: Vm) => void;
}): JSX.Element => {
  const { session } = useApp();
  const mayAdopt = permissionsIn(session.state.value).changeHosts;
  return (
    <section class="section" aria-label={`Found on ${name}`}>
      <h2 class="section-title">
        <span>
          Found on <span class="list-name">{name}</span>
        </span>
        <small>
          {items.length === 1 ? '1 VMM' : `${items.length} VMMs`} that nobody has registered
        </small>
      </h2>
      <ul class="found-list panel">
        {items.slice(0, MAX_SHOWN).map((found) => (
          <FoundRow key={found.id} found={found} mayAdopt={mayAdopt} onAdopted={onAdopted} />
        ))}
      </ul>
      {items.length > MAX_SHOWN ? (
        <p class="list-sub">{items.length - MAX_SHOWN} more once these are adopted.</p>
      ) : null}
    </section>
  );
};

export const FoundSection = ({
  hosts,
  whenNone,
}: {
  readonly hosts: readonly Host[];
  /** What to say where nothing was found; nothing at all if left out. */
  readonly whenNone?: JSX.Element;
}): JSX.Element => {
  const { value, problem, reload } = useAnswer<FoundPage>('/v1/found', REFRESH_MS);
  const [adopted, setAdopted] = useState<Vm | undefined>(undefined);
  const onAdopted = (vm: Vm): void => {
    setAdopted(vm);
    reload();
  };
  const byHost = hosts.flatMap((host) => {
    const items = (value?.items ?? []).filter((found) => found.host_id === host.id);
    return items.length === 0 ? [] : [{ host, items }];
  });
  return (
    <>
      {adopted === undefined ? null : (
        <div class="section">
          <Adopted vm={adopted} />
        </div>
      )}
      {problem === undefined ? null : (
        <div class="section">
          <ProblemNote problem={problem} onRetry={reload} />
        </div>
      )}
      {byHost.map(({ host, items }) => (
        <OfHost key={host.id} name={host.name} items={items} onAdopted={onAdopted} />
      ))}
      {value !== undefined && byHost.length === 0 ? (whenNone ?? null) : null}
    </>
  );
};
