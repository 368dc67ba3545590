/** Searches the fleet from every page; `/` goes there. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icons.tsx';
import { useShortcuts } from './shortcuts.ts';

export const SearchBox = (): JSX.Element => {
  const { navigation } = useApp();
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => input.current?.select() });
  const { path, query } = navigation.place.value;
  const onFleet = path === '/';
  const search = (text: string): void => {
    if (onFleet) navigation.setQuery({ q: text === '' ? null : text }, { replace: true });
    else navigation.go(`/?q=${encodeURIComponent(text)}`);
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
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
};
