/** Which units are shown, with how many lines there are of each. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount } from '../format/count.ts';
import { showText } from '../terminal/hostile-text.ts';
import { Menu } from './menu.tsx';
import { useLogModel } from './log-model.ts';

const MOST = 200;

const UnitList = ({
  units,
  onChange,
}: {
  readonly units: ReadonlySet<string>;
  readonly onChange: (units: ReadonlySet<string>) => void;
}): JSX.Element => {
  const { view } = useLogModel();
  void view.slowTick.value;
  const [search, setSearch] = useState('');
  const counted = view.rows.counts.units();
  const known = new Set(counted.map(([unit]) => unit));
  const absent = [...units].filter((unit) => !known.has(unit)).map((unit) => [unit, 0] as const);
  const wanted = search.toLowerCase();
  const fitting = [...absent, ...counted].filter(([unit]) => unit.toLowerCase().includes(wanted));
  return (
    <>
      <input
        class="input"
        type="search"
        aria-label="Search units"
        placeholder="Search units"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <div class="log-choices" role="group" aria-label="Units">
        {fitting.slice(0, MOST).map(([unit, count]) => (
          <label key={unit}>
            <input
              type="checkbox"
              checked={units.has(unit)}
              onChange={(event) => {
                const changed = new Set(units);
                if (event.currentTarget.checked) changed.add(unit);
                else changed.delete(unit);
                onChange(changed);
              }}
            />
            <span class="log-choice">{showText(unit).plain}</span>
            <span class="muted">{formatCount(count)}</span>
          </label>
        ))}
        {fitting.length === 0 ? <p class="muted">No such unit among these lines</p> : null}
      </div>
      {units.size > 0 ? (
        <button type="button" class="button" onClick={() => onChange(new Set())}>
          All units
        </button>
      ) : null}
    </>
  );
};

export const UnitMenu = ({
  units,
  onChange,
}: {
  readonly units: ReadonlySet<string>;
  readonly onChange: (units: ReadonlySet<string>) => void;
}): JSX.Element => {
  const [only] = units;
  const label =
    only === undefined
      ? 'All units'
      : units.size === 1
        ? showText(only.slice(0, 24)).plain
        : `${units.size} units`;
  return (
    <Menu label={label} isActive={units.size > 0}>
      {() => <UnitList units={units} onChange={onChange} />}
    </Menu>
  );
};
