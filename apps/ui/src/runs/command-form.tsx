/** Saves a command, or changes a saved one. */
import type { Command } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { fieldProblems } from '../ui/field-problems.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { useRefusalFocus } from '../ui/use-refusal-focus.ts';
import {
  checkCommand,
  draftOfCommand,
  EMPTY_COMMAND,
  type CheckedCommand,
  type CommandDraft,
} from './command-draft.ts';
import { CommandFields } from './command-fields.tsx';
import { ParameterRows, PatternRows } from './command-rows.tsx';
import { useAct } from './use-act.ts';

/** By the field's name in the API. */
const FIELDS = [
  'name',
  'description',
  'script',
  'argv',
  'interpreter',
  'cwd',
  'user',
  'timeout_seconds',
  'parameters',
  'progress_patterns',
  'run_by',
  'only_on',
] as const;

export const CommandForm = ({
  command,
  onSaved,
  onClose,
}: {
  /** Undefined: a new one. */
  readonly command: Command | undefined;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}): JSX.Element => {
  const { session } = useApp();
  const { value } = session.state;
  const isAdmin = value.kind === 'signed_in' && value.session.actor.role === 'admin';
  const [draft, setDraft] = useState<CommandDraft>(
    command === undefined ? EMPTY_COMMAND : draftOfCommand(command),
  );
  const [wrong, setWrong] = useState<(CheckedCommand & { readonly ok: false }) | undefined>();
  const save = useAct(async () => {
    const checked = checkCommand(draft);
    // Only called when it is.
    const body = checked.ok ? checked.command : undefined;
    return command === undefined
      ? session.api.send('POST', '/v1/commands', body)
      : session.api.send('PUT', `/v1/commands/${encodeURIComponent(command.id)}`, body);
  }, onSaved);
  const problems = fieldProblems(
    save.problem && {
      ...save.problem,
      message: save.problem.message.replace(/^body: (?<f>\w+) /u, '$1: '),
    },
    FIELDS,
    { name_taken: 'name' },
  );
  const form = useRefusalFocus(wrong ?? save.problem);
  const problemOf = (field: string): string | undefined =>
    wrong?.field === field ? wrong.message : problems.of(field);
  const set = (changed: Partial<CommandDraft>): void => {
    setWrong(undefined);
    setDraft({ ...draft, ...changed });
  };
  return (
    <form
      ref={form}
      class="form command-form"
      onSubmit={(event) => {
        event.preventDefault();
        const checked = checkCommand(draft);
        setWrong(checked.ok ? undefined : checked);
        if (checked.ok) save.act();
      }}
    >
      <CommandFields draft={draft} isAdmin={isAdmin} problemOf={problemOf} onChange={set} />
      <ParameterRows rows={draft.parameters} onChange={(parameters) => set({ parameters })} />
      {problemOf('parameters') === undefined ? null : (
        <p class="problem" role="alert">
          {problemOf('parameters')}
        </p>
      )}
      <PatternRows rows={draft.patterns} onChange={(patterns) => set({ patterns })} />
      {problems.rest === undefined ? null : <ProblemNote problem={problems.rest} />}
      <div class="form-actions form-actions-start">
        <button type="submit" class="button button-primary" disabled={save.isBusy}>
          Save
        </button>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
};
