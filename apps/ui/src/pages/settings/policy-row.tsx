/** One policy: whom it is about, what is kept of them, and its place in the list. */
import type { KeptLevel, LogPolicy } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { Icon } from '../../ui/icons.tsx';
import { kindOf } from './policy-draft.ts';

const KEEP = [
  ['nothing', 'nothing'],
  ['error', 'errors'],
  ['warn', 'warnings and worse'],
  ['info', 'information and worse'],
  ['debug', 'everything'],
] as const satisfies readonly (readonly [KeptLevel, string])[];

export interface PolicyRowProps {
  readonly policy: LogPolicy;
  /** From 1 on. */
  readonly place: number;
  readonly mayChange: boolean;
  readonly onChange: (change: Partial<LogPolicy>) => void;
  /** Undefined: it cannot go up. */
  readonly onUp: (() => void) | undefined;
  readonly onRemove: (() => void) | undefined;
}

const Whom = ({ policy, place, mayChange, onChange }: PolicyRowProps): JSX.Element => {
  const { fleet } = useApp();
  void fleet.membership.value;
  const kind = kindOf(policy);
  if (kind === 'all') return <span>{place === 1 ? 'Every VM' : 'Every other VM'}</span>;
  if (kind === 'labels') {
    return (
      <input
        class="input mono"
        aria-label={`Labels of policy ${place}`}
        placeholder="env=prod,role!=build"
        maxLength={1024}
        required
        disabled={!mayChange}
        value={policy.selector ?? ''}
        onInput={(event) => onChange({ selector: event.currentTarget.value })}
      />
    );
  }
  const members = fleet.all().map(({ member }) => member);
  const isKnown = policy.vm_id === '' || members.some(({ id }) => id === policy.vm_id);
  return (
    <select
      class="input"
      aria-label={`VM of policy ${place}`}
      required
      disabled={!mayChange}
      value={policy.vm_id ?? ''}
      onChange={(event) => onChange({ vm_id: event.currentTarget.value })}
    >
      <option value="">Choose a VM</option>
      {isKnown ? null : <option value={policy.vm_id ?? ''}>a VM that is gone</option>}
      {members
        .toSorted((one, other) => (one.name < other.name ? -1 : 1))
        .map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
    </select>
  );
};

export const PolicyRow = (props: PolicyRowProps): JSX.Element => {
  const { policy, place, mayChange, onChange, onUp, onRemove } = props;
  return (
    <tr>
      <td class="list-wide">
        <Whom {...props} />
      </td>
      <td>
        <select
          class="input"
          aria-label={`What policy ${place} keeps`}
          disabled={!mayChange}
          value={policy.keep}
          onChange={(event) => {
            const { value } = event.currentTarget;
            const keep = KEEP.find(([name]) => name === value)?.[0];
            if (keep !== undefined) onChange({ keep });
          }}
        >
          {KEEP.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </td>
      <td>
        <label class="policy-check">
          <input
            type="checkbox"
            disabled={!mayChange}
            checked={policy.last_words}
            onChange={(event) => onChange({ last_words: event.currentTarget.checked })}
          />
          its last words
        </label>
      </td>
      <td>
        <span class="list-actions">
          {onUp === undefined ? null : (
            <button
              type="button"
              class="button button-icon"
              aria-label={`Policy ${place} before the one above`}
              title="Before the one above"
              onClick={onUp}
            >
              ↑
            </button>
          )}
          {onRemove === undefined ? null : (
            <button
              type="button"
              class="button button-icon"
              aria-label={`Remove policy ${place}`}
              onClick={onRemove}
            >
              <Icon name="trash" />
            </button>
          )}
        </span>
      </td>
    </tr>
  );
};
