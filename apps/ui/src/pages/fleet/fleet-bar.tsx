/** Above the table: how it is grouped, and what is selected. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { Icon } from '../../ui/icons.tsx';
import { sortChange, type FleetQuery } from './fleet-query.ts';
import { SelectionTools } from './selection-tools.tsx';
import './fleet-bar.css';

const labelKeys = (keys: Iterable<string>): readonly string[] =>
  [...new Set(keys)].toSorted().slice(0, 50);

export const FleetBar = ({ query }: { readonly query: FleetQuery }): JSX.Element => {
  const { fleet, navigation } = useApp();
  void fleet.membership.value;
  const keys = labelKeys(fleet.all().flatMap(({ member }) => Object.keys(member.labels)));
  return (
    <div class="fleet-bar">
      <label class="fleet-group">
        Group
        <select
          class="input"
          value={query.group ?? 'none'}
          onChange={(event) => {
            const { value } = event.currentTarget;
            navigation.setQuery({ group: value === 'host' ? null : value });
          }}
        >
          <option value="host">Host</option>
          <option value="none">None</option>
          {keys.map((key) => (
            <option key={key} value={`label:${key}`}>
              Label {key}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="button"
        aria-pressed={query.sort === 'attention'}
        onClick={() => navigation.setQuery(sortChange({ ...query, sort: 'name' }, 'attention'))}
      >
        <Icon name="sort" />
        Needs attention first
      </button>
      {query.selected.size > 0 ? <SelectionTools selected={query.selected} /> : null}
      <span class="fleet-bar-note">Small charts: last 5 min</span>
    </div>
  );
};
