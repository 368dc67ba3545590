/** How a command is run: where, as whom, for how long. What is left empty is as the manager has it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../ui/field.tsx';
import type { CommandHistory } from './command-history.ts';
import type { Draft, DraftField } from './draft.ts';
import type { DraftModel } from './use-draft.ts';

interface Option {
  readonly name: 'cwd' | 'user' | 'timeout' | 'maxOutput' | 'interpreter';
  readonly field: DraftField;
  readonly label: string;
  readonly placeholder: string;
}

const LIMITS: readonly Option[] = [
  { name: 'timeout', field: 'timeout', label: 'Timeout', placeholder: '60s' },
  { name: 'maxOutput', field: 'max_output', label: 'Most output, MiB', placeholder: '10' },
];
const PLACE: readonly Option[] = [
  { name: 'cwd', field: 'cwd', label: 'Working directory', placeholder: '/' },
  { name: 'user', field: 'user', label: 'User', placeholder: 'the agent’s' },
];
const THROUGH: Option = {
  name: 'interpreter',
  field: 'script',
  label: 'Interpreter',
  placeholder: 'the #! line, or /bin/sh',
};

const optionsFor = ({ mode }: Draft): readonly Option[] => {
  if (mode === 'saved') return LIMITS;
  return mode === 'script' ? [THROUGH, ...PLACE, ...LIMITS] : [...PLACE, ...LIMITS];
};

const AtTimeout = ({ model }: { readonly model: DraftModel }): JSX.Element => (
  <Field label="At its timeout">
    {(ids) => (
      <select
        {...ids}
        class="input"
        value={model.draft.onTimeout}
        onChange={(event) =>
          model.change({ onTimeout: event.currentTarget.value === 'ask' ? 'ask' : 'kill' })
        }
      >
        <option value="ask">ask what to do</option>
        <option value="kill">end it</option>
      </select>
    )}
  </Field>
);

const Forget = ({ history }: { readonly history: CommandHistory }): JSX.Element => {
  const [isForgotten, setForgotten] = useState(false);
  return (
    <p class="field-hint run-forget">
      What you run is remembered in this browser.{' '}
      <button
        type="button"
        class="button"
        disabled={isForgotten}
        onClick={() => {
          history.forget();
          setForgotten(true);
        }}
      >
        {isForgotten ? 'Forgotten' : 'Forget it'}
      </button>
    </p>
  );
};

export const DraftOptions = ({
  model,
  history,
}: {
  readonly model: DraftModel;
  readonly history: CommandHistory;
}): JSX.Element => {
  const { draft, wrong, change } = model;
  const options = optionsFor(draft);
  const set = options.filter(({ name }) => draft[name].trim() !== '');
  const isWrong = options.some(
    ({ field, name }) => name !== 'interpreter' && wrong?.field === field,
  );
  return (
    <details class="run-options" open={isWrong ? true : undefined}>
      <summary>
        Options
        <span class="muted">
          {set.length === 0
            ? ''
            : ` ${set.map(({ label, name }) => `${label.toLowerCase()} ${draft[name]}`).join(', ')}`}
        </span>
      </summary>
      <div class="run-option-fields">
        {options.map(({ name, field, label, placeholder }) => (
          <Field
            key={name}
            label={label}
            problem={wrong?.field === field && name !== 'interpreter' ? wrong.message : undefined}
          >
            {(ids) => (
              <input
                {...ids}
                class="input mono"
                autocomplete="off"
                spellcheck={false}
                maxLength={500}
                placeholder={placeholder}
                value={draft[name]}
                onInput={(event) => change({ [name]: event.currentTarget.value })}
              />
            )}
          </Field>
        ))}
        <AtTimeout model={model} />
      </div>
      {draft.mode === 'command' ? <Forget history={history} /> : null}
    </details>
  );
};
