/** Above the table: how it is grouped, and what is selected. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { Icon } from '../../ui/icons.tsx';
import { formatCount } from '../../format/count.ts';
import type { Line } from './fleet-lines.ts';
import { selectionChange, sortChange, type FleetQuery } from './fleet-query.ts';
import { SelectionTools } from './selection-tools.tsx';
import './fleet-bar.css';

const labelKeys = (keys: Iterable<string>): readonly string[] =>
  [...new Set(keys)].toSorted().slice(0, 50);

/** Also those of groups that are folded. */
const keysOf = (lines: readonly Line[]): readonly number[] => {
  const groups = lines.flatMap((line) => (line.kind === 'group' ? line.vms : []));
  const alone = lines.flatMap((line) => (line.kind === 'vm' ? [line.vm] : []));
  return (groups.length > 0 ? groups : alone).map(({ member }) => member.key);
};

const SelectAll = ({
  query,
  fitting,
}: {
  readonly query: FleetQuery;
  readonly fitting: readonly Line[];
}): JSX.Element | null => {
  const { navigation } = useApp();
  const keys = keysOf(fitting);
  const isAll = keys.every((key) => query.selected.has(key));
  if (isAll) return null;
  return (
    <button
      type="button"
      class="button"
      onClick={() => {
        const selected = new Set([...query.selected, ...keys]);
        navigation.setQuery(selectionChange(selected), { replace: true });
      }}
    >
      Select all {formatCount(keys.length)}
    </button>
  );
};

export const FleetBar = ({
  query,
  fitting,
}: {
  readonly query: FleetQuery;
  /** The lines of the table. */
  readonly fitting: readonly Line[];
}): JSX.Element => {
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
      {query.selected.size > 0 ? <SelectAll query={query} fitting={fitting} /> : null}
      {query.selected.size > 0 ? <SelectionTools selected={query.selected} /> : null}
      <span class="fleet-bar-note">Small charts: last 5 min</span>
    </div>
  );
};
