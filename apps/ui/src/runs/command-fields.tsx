/** The fields of a saved command that there is one of each. */
import type { JSX } from 'preact';
import { Field } from '../ui/field.tsx';
import type { CommandDraft } from './command-draft.ts';

type TextName = 'name' | 'description' | 'interpreter' | 'cwd' | 'user' | 'timeout' | 'onlyOn';

interface TextField {
  readonly name: TextName;
  readonly field: string;
  readonly label: string;
  readonly placeholder: string;
  readonly isMono?: boolean;
}

const ABOUT: readonly TextField[] = [
  { name: 'name', field: 'name', label: 'Name', placeholder: 'restart the app' },
  { name: 'description', field: 'description', label: 'Description', placeholder: '' },
];
const RUNS: readonly TextField[] = [
  { name: 'cwd', field: 'cwd', label: 'Working directory', placeholder: '/', isMono: true },
  { name: 'user', field: 'user', label: 'User', placeholder: 'the agent’s', isMono: true },
  { name: 'timeout', field: 'timeout_seconds', label: 'Timeout', placeholder: '60s', isMono: true },
  {
    name: 'onlyOn',
    field: 'only_on',
    label: 'Only on VMs with',
    placeholder: 'any labels',
    isMono: true,
  },
];
const THROUGH: TextField = {
  name: 'interpreter',
  field: 'interpreter',
  label: 'Interpreter',
  placeholder: 'the #! line, or /bin/sh',
  isMono: true,
};

interface FieldsProps {
  readonly draft: CommandDraft;
  readonly problemOf: (field: string) => string | undefined;
  readonly onChange: (changed: Partial<CommandDraft>) => void;
}

const Texts = ({
  fields,
  draft,
  problemOf,
  onChange,
}: FieldsProps & { readonly fields: readonly TextField[] }): JSX.Element => (
  <>
    {fields.map(({ name, field, label, placeholder, isMono = false }) => (
      <Field key={name} label={label} problem={problemOf(field)}>
        {(ids) => (
          <input
            {...ids}
            class={isMono ? 'input mono' : 'input'}
            autocomplete="off"
            maxLength={name === 'name' ? 128 : 1024}
            placeholder={placeholder}
            value={draft[name]}
            onInput={(event) => onChange({ [name]: event.currentTarget.value })}
          />
        )}
      </Field>
    ))}
  </>
);

const WhatField = ({ draft, problemOf, onChange }: FieldsProps): JSX.Element => {
  const { kind } = draft;
  const typed = draft[kind];
  return (
    <>
      <div class="segments run-by" role="group" aria-label="What it is">
        {(['script', 'argv'] as const).map((one) => (
          <button
            key={one}
            type="button"
            aria-current={kind === one}
            onClick={() => onChange({ kind: one })}
          >
            {one === 'script' ? 'Script' : 'Program, no shell'}
          </button>
        ))}
      </div>
      <Field
        label={kind === 'script' ? 'Script' : 'Program and arguments, one a line'}
        problem={problemOf(kind)}
      >
        {(ids) => (
          <textarea
            {...ids}
            class="input mono"
            rows={Math.min(24, Math.max(5, typed.split('\n').length + 1))}
            spellcheck={false}
            maxLength={262_144}
            value={typed}
            onInput={(event) => onChange({ [kind]: event.currentTarget.value })}
          />
        )}
      </Field>
    </>
  );
};

export const CommandFields = ({
  isAdmin,
  ...props
}: FieldsProps & { readonly isAdmin: boolean }): JSX.Element => {
  const { draft, problemOf, onChange } = props;
  return (
    <>
      <div class="command-about">
        <Texts {...props} fields={ABOUT} />
      </div>
      <WhatField {...props} />
      <div class="run-option-fields">
        <Texts {...props} fields={draft.kind === 'script' ? [THROUGH, ...RUNS] : RUNS} />
        <Field label="Run and changed by" problem={problemOf('run_by')}>
          {(ids) => (
            <select
              {...ids}
              class="input"
              value={draft.runBy}
              onChange={(event) =>
                onChange({ runBy: event.currentTarget.value === 'admin' ? 'admin' : 'operator' })
              }
            >
              <option value="operator">operators and administrators</option>
              {isAdmin ? <option value="admin">administrators only</option> : null}
            </select>
          )}
        </Field>
      </div>
    </>
  );
};
