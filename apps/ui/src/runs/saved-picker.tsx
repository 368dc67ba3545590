/** Which saved command, and its parameters. */
import type { Command } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { Field } from '../ui/field.tsx';
import type { DraftModel } from './use-draft.ts';

const Parameters = ({
  command,
  model,
}: {
  readonly command: Command;
  readonly model: DraftModel;
}): JSX.Element => {
  const { draft, change } = model;
  return (
    <div class="run-option-fields">
      {command.parameters.map(({ name, description, default: byDefault }) => (
        <Field
          key={name}
          label={byDefault === null ? `${name} (needed)` : name}
          {...(description === '' ? {} : { hint: description })}
        >
          {(ids) => (
            <input
              {...ids}
              class="input mono"
              autocomplete="off"
              spellcheck={false}
              maxLength={4096}
              placeholder={byDefault ?? ''}
              value={draft.parameters[name] ?? ''}
              onInput={(event) => {
                const { value } = event.currentTarget;
                const { [name]: _, ...others } = draft.parameters;
                // Empty is as it is by default; where there is none, it has to be given.
                change({ parameters: value === '' ? others : { ...others, [name]: value } });
              }}
            />
          )}
        </Field>
      ))}
    </div>
  );
};

export const SavedPicker = ({ model }: { readonly model: DraftModel }): JSX.Element => {
  const { commands, command, draft, wrong, change } = model;
  const problem = wrong?.field === 'command' ? wrong.message : undefined;
  if (commands?.length === 0) {
    return (
      <p class="secondary">
        No command is saved yet.{' '}
        <a class="link" href="/commands">
          Save one
        </a>
      </p>
    );
  }
  return (
    <div class="form">
      <Field label="Saved command" problem={problem}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={draft.commandId}
            onChange={(event) => change({ commandId: event.currentTarget.value })}
          >
            <option value="">{commands === undefined ? 'Loading' : 'Choose one'}</option>
            {(commands ?? []).map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      {command === undefined ? null : (
        <>
          {command.description === '' ? null : <p class="secondary">{command.description}</p>}
          <pre class="run-script mono">{command.script ?? command.argv?.join(' ')}</pre>
          {command.only_on === null ? null : (
            <p class="field-hint">
              Only on VMs with the labels <span class="mono">{command.only_on}</span>.
            </p>
          )}
          <Parameters command={command} model={model} />
        </>
      )}
    </div>
  );
};
