/** Adds a VM: by its address, or one that a host has found; and watches it arrive. */
import type { Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { ForbiddenNote } from '../../ui/problem-note.tsx';
import { FoundSection } from '../hosts/found-section.tsx';
import { AddEnrollment } from './add-enrollment.tsx';
import { AddressForm, NOTHING_TYPED, type Typed } from './address-form.tsx';
import { ArrivalPanel } from './arrival-panel.tsx';
import { FromScript } from './from-script.tsx';
import '../../ui/form.css';
import '../../ui/list.css';
import './add-page.css';

const Ways = ({ found }: { readonly found: boolean }): JSX.Element => (
  <nav class="segments" aria-label="How to add it">
    <a href="/add" aria-current={found ? undefined : 'true'}>
      Register one
    </a>
    <a href="/add?how=found" aria-current={found ? 'true' : undefined}>
      Found on a host
    </a>
  </nav>
);

const NothingFound = (): JSX.Element => (
  <div class="empty">
    <h2>Nothing waits to be adopted</h2>
    <p>Every VMM that the hosts see is registered, or no host has answered yet.</p>
    <a class="button" href="/hosts">
      To the hosts
    </a>
  </div>
);

const ByAddress = (): JSX.Element => {
  const { navigation } = useApp();
  const [typed, setTyped] = useState<Typed>(NOTHING_TYPED);
  const [added, setAdded] = useState(0);
  const watched = navigation.place.value.query.get('vm') ?? undefined;
  const onAdded = (vm: Vm): void => {
    // Which way is left as it is: the next VM mostly comes the same way.
    navigation.setQuery({ vm: vm.id });
    setTyped(NOTHING_TYPED);
    // An empty form for the next one.
    setAdded(added + 1);
  };
  return (
    <>
      {watched === undefined ? null : (
        <>
          <ArrivalPanel vmId={watched} added={added} />
          <AddEnrollment key={watched} vmId={watched} />
        </>
      )}
      <div class="add-columns">
        <section class="section" aria-labelledby="by-address">
          <h2 class="section-title" id="by-address">
            {watched === undefined ? 'A new one' : 'Another one'}
          </h2>
          <AddressForm key={added} typed={typed} onTyped={setTyped} onAdded={onAdded} />
        </section>
        <FromScript typed={typed} vmId={watched} />
      </div>
    </>
  );
};

const FoundOnHosts = (): JSX.Element => {
  const { hosts, session } = useApp();
  if (!permissionsIn(session.state.value).changeHosts) {
    return <ForbiddenNote>Your token sees some of the VMs, and hosts are about all.</ForbiddenNote>;
  }
  const list = hosts.hosts.value;
  return list === undefined ? (
    <p class="muted" role="status">
      Loading the hosts
    </p>
  ) : (
    <FoundSection hosts={list} whenNone={<NothingFound />} />
  );
};

export const AddPage = (): JSX.Element => {
  const { navigation, session } = useApp();
  const { createVms } = permissionsIn(session.state.value);
  const found = navigation.place.value.query.get('how') === 'found';
  return (
    <div class="page">
      <header class="page-head">
        <h1 class="page-title">Add a VM</h1>
        {createVms ? <Ways found={found} /> : null}
      </header>
      {createVms ? (
        found ? (
          <FoundOnHosts />
        ) : (
          <ByAddress />
        )
      ) : (
        <ForbiddenNote>Adding a VM takes the role operator or admin.</ForbiddenNote>
      )}
    </div>
  );
};
