/** Which VMs are looked at together. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icons.tsx';
import { Menu } from './menu.tsx';
import { changedHref } from './log-query.ts';

/** Colours and columns have room for so many. */
export const MOST_VMS = 10;
const MOST_LISTED = 100;

const PickList = ({
  vmIds,
  onChange,
}: {
  readonly vmIds: readonly string[];
  readonly onChange: (vmIds: readonly string[]) => void;
}): JSX.Element => {
  const { fleet } = useApp();
  void fleet.membership.value;
  const [search, setSearch] = useState('');
  const wanted = search.toLowerCase();
  const fitting = fleet
    .all()
    .map(({ member }) => member)
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return (
    <>
      <input
        class="input"
        type="search"
        aria-label="Search VMs to show"
        placeholder="Search VMs"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <div class="log-choices" role="group" aria-label="VMs">
        {fitting.slice(0, MOST_LISTED).map(({ id, name }) => {
          const isChosen = vmIds.includes(id);
          return (
            <label key={id}>
              <input
                type="checkbox"
                checked={isChosen}
                disabled={!isChosen && vmIds.length >= MOST_VMS}
                onChange={() =>
                  onChange(isChosen ? vmIds.filter((other) => other !== id) : [...vmIds, id])
                }
              />
              <span class="log-choice">{name}</span>
            </label>
          );
        })}
      </div>
      {vmIds.length >= MOST_VMS ? <p class="muted">At most {MOST_VMS} at once</p> : null}
    </>
  );
};

export const VmPicker = ({ vmIds }: { readonly vmIds: readonly string[] }): JSX.Element => {
  const { fleet, navigation } = useApp();
  void fleet.membership.value;
  const change = (changed: readonly string[]): void => {
    const { path, query } = navigation.place.peek();
    navigation.go(changedHref(path, query, { vm: changed }), { replace: true });
  };
  return (
    <div class="log-vms">
      {vmIds.map((id, at) => {
        const name = fleet.get(id)?.member.name ?? id.slice(0, 8);
        return (
          <span key={id} class="chip">
            <i class="log-colour" data-colour={at % 5} aria-hidden="true" />
            <a href={`/vms/${encodeURIComponent(id)}?tab=logs`}>{name}</a>
            <button
              type="button"
              class="log-tool"
              aria-label={`Without ${name}`}
              onClick={() => change(vmIds.filter((other) => other !== id))}
            >
              ×
            </button>
          </span>
        );
      })}
      <Menu
        className="log-picker"
        label={
          <>
            <Icon name="plus" /> VMs
          </>
        }
      >
        {() => <PickList vmIds={vmIds} onChange={change} />}
      </Menu>
    </div>
  );
};
