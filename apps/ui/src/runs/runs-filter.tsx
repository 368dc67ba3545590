/** Which runs: by text, VM and state. */
import type { RunState } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';

const STATES = [
  [null, 'All'],
  ['running,stopping', 'Running'],
  ['paused', 'Paused'],
  ['finished', 'Finished'],
  ['stopped', 'Stopped'],
] as const satisfies readonly (readonly [RunState | 'running,stopping' | null, string])[];

const TYPED_MS = 250;
const MOST_NAMES = 500;

/** While somebody types nothing is asked: each question goes to the database. */
const SearchField = (): JSX.Element => {
  const { navigation } = useApp();
  const asked = navigation.place.value.query.get('q') ?? '';
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    if (text === asked) return undefined;
    const timer = setTimeout(() => {
      navigation.setQuery({ q: text === '' ? null : text, before: null }, { replace: true });
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [text, asked, navigation]);
  return (
    <input
      class="input"
      type="search"
      aria-label="Search runs"
      placeholder="Command, or who ran it"
      maxLength={128}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
};

const VmField = (): JSX.Element => {
  const { fleet, navigation } = useApp();
  void fleet.membership.value;
  const vmId = navigation.place.value.query.get('vm');
  const members = fleet.all().map(({ member }) => member);
  const name = members.find(({ id }) => id === vmId)?.name;
  const [text, setText] = useState<string | undefined>(undefined);
  const choose = (typed: string): void => {
    const found = members.find((member) => member.name === typed);
    setText(found === undefined && typed !== '' ? typed : undefined);
    if (typed === '' || found !== undefined) {
      navigation.setQuery({ vm: found?.id ?? null, before: null }, { replace: true });
    }
  };
  return (
    <>
      <input
        class="input"
        type="search"
        list="runs-vms"
        aria-label="Runs on this VM"
        placeholder="Any VM"
        value={text ?? name ?? vmId ?? ''}
        onInput={(event) => choose(event.currentTarget.value)}
      />
      <datalist id="runs-vms">
        {members.slice(0, MOST_NAMES).map((member) => (
          <option key={member.id} value={member.name} />
        ))}
      </datalist>
    </>
  );
};

export const RunsFilter = (): JSX.Element => {
  const { navigation } = useApp();
  const state = navigation.place.value.query.get('state');
  return (
    <div class="runs-filter">
      <SearchField />
      <VmField />
      <div class="segments" role="group" aria-label="State">
        {STATES.map(([value, name]) => (
          <button
            key={name}
            type="button"
            aria-current={state === value}
            onClick={() => navigation.setQuery({ state: value, before: null })}
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
};
