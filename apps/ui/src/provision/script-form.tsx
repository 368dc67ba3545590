/** Writes a script for provisioning: a new one, or one that is there. */
import type { Provisioning } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { useAct } from '../runs/use-act.ts';
import { Field } from '../ui/field.tsx';
import { fieldProblems } from '../ui/field-problems.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { useRefusalFocus } from '../ui/use-refusal-focus.ts';
import { bodyOf, draftOf, NEW_SCRIPT, type ScriptDraft } from './script-draft.ts';
import { ScriptTarget } from './script-target.tsx';

const FIELDS = [
  'name',
  'description',
  'order',
  'script',
  'interpreter',
  'user',
  'timeout_seconds',
  'progress_patterns',
  'vm_id',
  'selector',
] as const;

export interface DraftProps {
  readonly draft: ScriptDraft;
  readonly change: (fields: Partial<ScriptDraft>) => void;
  readonly problems: ReturnType<typeof fieldProblems>;
}

const Basics = ({ draft, change, problems }: DraftProps): JSX.Element => (
  <>
    <Field label="Name" problem={problems.of('name')}>
      {(ids) => (
        <input
          {...ids}
          class="input"
          required
          autofocus
          maxLength={128}
          autocomplete="off"
          value={draft.name}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
      )}
    </Field>
    <div class="form-row">
      <Field label="Runs">
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={draft.when}
            onChange={({ currentTarget: { value } }) =>
              change({ when: value === 'every_boot' ? 'every_boot' : 'first_boot' })
            }
          >
            <option value="first_boot">once on each VM, at its first boot</option>
            <option value="every_boot">at every boot</option>
          </select>
        )}
      </Field>
      <Field label="Order" problem={problems.of('order')} hint="Lower ones first.">
        {(ids) => (
          <input
            {...ids}
            class="input"
            inputMode="numeric"
            value={draft.order}
            onInput={(event) => change({ order: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  </>
);

const More = ({ draft, change, problems }: DraftProps): JSX.Element => {
  const line = (
    label: string,
    name: 'description' | 'interpreter' | 'user' | 'timeoutSeconds',
    problem: string | undefined,
    hint: string,
  ): JSX.Element => (
    <Field label={label} problem={problem} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          class="input"
          autocomplete="off"
          value={draft[name]}
          onInput={(event) => change({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  return (
    <details>
      <summary>More</summary>
      <div class="form">
        {line('Description', 'description', problems.of('description'), 'For whoever reads it.')}
        {line(
          'Timeout in seconds',
          'timeoutSeconds',
          problems.of('timeout_seconds'),
          'What takes longer is ended, and has failed.',
        )}
        {line('User', 'user', problems.of('user'), 'Left out: as the agent, which is root.')}
        {line(
          'Interpreter',
          'interpreter',
          problems.of('interpreter'),
          'Left out: what the first line says, or /bin/sh.',
        )}
        <Field
          label="Lines that say how far it is"
          problem={problems.of('progress_patterns')}
          hint="One in each line, with {n} and {m}, and what that is called: Unpacking {n} of {m} = Unpacking. Scripts may also print ##progress 1/3 Unpacking."
        >
          {(ids) => (
            <textarea
              {...ids}
              class="input mono"
              rows={2}
              spellcheck={false}
              value={draft.patterns}
              onInput={(event) => change({ patterns: event.currentTarget.value })}
            />
          )}
        </Field>
        <label>
          <input
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => change({ enabled: event.currentTarget.checked })}
          />{' '}
          Runs by itself
        </label>
      </div>
    </details>
  );
};

export const ScriptForm = ({
  script,
  onSaved,
  onClose,
}: {
  /** Undefined: a new one. */
  readonly script: Provisioning | undefined;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}): JSX.Element => {
  const { session } = useApp();
  const [draft, setDraft] = useState(script === undefined ? NEW_SCRIPT : draftOf(script));
  const path = '/v1/provisioning';
  const save = useAct(
    async () =>
      script === undefined
        ? session.api.send('POST', path, bodyOf(draft))
        : session.api.send('PATCH', `${path}/${script.id}`, bodyOf(draft)),
    onSaved,
  );
  const form = useRefusalFocus(save.problem);
  const problems = fieldProblems(save.problem, FIELDS);
  const change: DraftProps['change'] = (fields) => setDraft((before) => ({ ...before, ...fields }));
  const parts = { draft, change, problems };
  return (
    <form
      ref={form}
      class="form provision-form"
      onSubmit={(event) => {
        event.preventDefault();
        save.act();
      }}
    >
      <Basics {...parts} />
      <ScriptTarget {...parts} />
      <Field label="Script" problem={problems.of('script')}>
        {(ids) => (
          <textarea
            {...ids}
            class="input mono provision-script"
            required
            spellcheck={false}
            value={draft.script}
            onInput={(event) => change({ script: event.currentTarget.value })}
          />
        )}
      </Field>
      <More {...parts} />
      {problems.rest === undefined ? null : <ProblemNote problem={problems.rest} />}
      <div class="form-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="button button-primary" aria-disabled={save.isBusy}>
          {script === undefined ? 'Add' : 'Save'}
        </button>
      </div>
    </form>
  );
};
