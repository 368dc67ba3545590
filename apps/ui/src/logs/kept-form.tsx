/** What is searched for among the kept lines. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icons.tsx';
import type { KeptQuery, SPANS } from './kept-query.ts';
import type { LogChanges } from './log-query.ts';
import { LEVELS } from './row.ts';
import './log-toolbar.css';

const LEVEL_NAMES = { error: 'Error', warn: 'Warn', info: 'Info', debug: 'Debug' } as const;
/** The manager is asked when nobody has typed for so long. */
const TYPING_MS = 300;

/** What is typed, and after a moment in the address. */
const useTyped = (value: string, onSettled: (text: string) => void) => {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onSettled(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return [typed, setTyped] as const;
};

const orNone = (text: string): string | undefined => (text === '' ? undefined : text);

export const KeptForm = ({
  query,
  spans,
  onChange,
}: {
  readonly query: KeptQuery;
  readonly spans: typeof SPANS;
  readonly onChange: (changes: LogChanges) => void;
}): JSX.Element => {
  const { fleet, time } = useApp();
  void fleet.membership.value;
  const [text, setText] = useTyped(query.text, (typed) => onChange({ q: orNone(typed) }));
  const [unit, setUnit] = useTyped(query.unit, (typed) => onChange({ unit: orNone(typed) }));
  const { from, to, vmIds } = query;
  return (
    <form class="log-bar" role="search" onSubmit={(event) => event.preventDefault()}>
      <div class="log-search">
        <Icon name="search" />
        <input
          type="search"
          aria-label="Text"
          placeholder="Search kept lines of all VMs"
          maxLength={256}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <div class="segments" role="group" aria-label="Level">
        {([undefined, ...LEVELS] as const).map((level) => (
          <button
            key={level ?? 'all'}
            type="button"
            aria-current={query.level === level}
            onClick={() => onChange({ level })}
          >
            {level === undefined ? 'All' : LEVEL_NAMES[level]}
          </button>
        ))}
      </div>
      <input
        class="input kept-unit"
        type="search"
        aria-label="Unit"
        placeholder="Unit"
        maxLength={256}
        value={unit}
        onInput={(event) => setUnit(event.currentTarget.value)}
      />
      <select
        class="input"
        aria-label="Span of time"
        value={query.span ?? 'fixed'}
        onChange={(event) =>
          onChange({ range: event.currentTarget.value, from: undefined, to: undefined })
        }
      >
        {spans.map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
        {from === undefined || to === undefined ? null : (
          <option value="fixed" disabled>
            {time.stamp(from)} – {time.stamp(to)}
          </option>
        )}
      </select>
      {vmIds.map((id) => (
        <span key={id} class="chip">
          {fleet.get(id)?.member.name ?? id.slice(0, 8)}
          <button
            type="button"
            class="log-tool"
            aria-label={`All VMs, not only ${fleet.get(id)?.member.name ?? id}`}
            onClick={() => onChange({ vm: vmIds.filter((other) => other !== id) })}
          >
            ×
          </button>
        </span>
      ))}
    </form>
  );
};
