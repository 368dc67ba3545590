/** Searches the fleet from every page; `/` goes there. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { makeLines } from '../pages/fleet/fleet-lines.ts';
import { parseFleetQuery } from '../pages/fleet/fleet-query.ts';
import { Icon } from '../ui/icons.tsx';
import { useShortcuts } from './shortcuts.ts';

export const SearchBox = (): JSX.Element => {
  const { fleet, hosts, navigation } = useApp();
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => input.current?.select() });
  const { path, query } = navigation.place.value;
  const onFleet = path === '/';
  const search = (text: string): void => {
    if (onFleet) navigation.setQuery({ q: text === '' ? null : text }, { replace: true });
    else navigation.go(`/?q=${encodeURIComponent(text)}`);
  };
  /** To what was found: into the VM if it is the only one, else to the list and its keys. */
  const leave = (): void => {
    const lines = makeLines(fleet.all(), parseFleetQuery(query), hosts.nameOf, new Set());
    const [first, second] = lines.flatMap((line) => (line.kind === 'vm' ? [line.vm] : []));
    if (!onFleet || first === undefined) return;
    if (second === undefined && query.has('q')) navigation.go(`/vms/${first.member.id}`);
    else document.querySelector<HTMLElement>('.fleet-table')?.focus();
  };
  return (
    <label class="top-search">
      <Icon name="search" />
      <span class="visually-hidden">Search VMs</span>
      <input
        ref={input}
        type="search"
        placeholder="Search names, addresses, labels"
        value={onFleet ? (query.get('q') ?? '') : ''}
        maxLength={200}
        onInput={(event) => search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key !== 'Enter' || event.isComposing) return;
          // Not also the list's own Enter.
          event.preventDefault();
          leave();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
};
