/** What is being typed, which saved commands there are, and what is wrong with it. */
import type { Command, Run } from '@innkeeper/protocol';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { permissionsIn } from '../state/permissions.ts';
import { useAnswer } from '../state/use-answer.ts';
import {
  checkDraft,
  EMPTY_DRAFT,
  parseMode,
  type Checked,
  type Draft,
  type Mode,
} from './draft.ts';

export interface DraftModel {
  readonly draft: Draft;
  readonly commands: readonly Command[] | undefined;
  readonly command: Command | undefined;
  /** Undefined while nothing was asked to run, or all is well. */
  readonly wrong: (Checked & { readonly ok: false }) | undefined;
  readonly change: (changed: Partial<Draft>) => void;
  readonly setMode: (mode: Mode) => void;
  /** Undefined: it cannot be run as it is, and `wrong` says why. */
  check(): (Checked & { readonly ok: true })['what'] | undefined;
}

interface CommandPage {
  readonly items: readonly Command[];
}

/**
 * `onTimeout`: where nothing else is chosen.
 * `?mode=saved&command=<id>` is where a link to a saved command leads.
 */
export const useDraft = (onTimeout: Draft['onTimeout']): DraftModel => {
  const { navigation, session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  const { query } = navigation.place.value;
  const mode = parseMode(query.get('mode'));
  const [typed, setTyped] = useState<Draft>({ ...EMPTY_DRAFT, onTimeout });
  const [wrong, setWrong] = useState<DraftModel['wrong']>(undefined);
  const { value } = useAnswer<CommandPage>(runCommands ? '/v1/commands' : undefined);
  const draft: Draft = { ...typed, mode, commandId: query.get('command') ?? '' };
  const command = value?.items.find(({ id }) => id === draft.commandId);
  const change: DraftModel['change'] = (changed) => {
    const { commandId, mode: _, ...rest } = changed;
    setTyped((before) => ({ ...before, ...rest }));
    setWrong(undefined);
    if (commandId === undefined) return;
    setTyped((before) => ({ ...before, parameters: {} }));
    navigation.setQuery({ command: commandId === '' ? null : commandId }, { replace: true });
  };
  return {
    draft,
    commands: value?.items,
    command,
    wrong,
    change,
    setMode: (asked) => {
      setWrong(undefined);
      navigation.setQuery({ mode: asked === 'command' ? null : asked }, { replace: true });
    },
    check: () => {
      const checked = checkDraft(draft, command);
      setWrong(checked.ok ? undefined : checked);
      return checked.ok ? checked.what : undefined;
    },
  };
};

/** The draft of what was run before; its input and the values of its environment nobody has. */
export const draftOf = (
  what: NonNullable<Run['what']>,
  line: string,
): { readonly mode: Mode; readonly changed: Partial<Draft> } => {
  const { cwd, user, interpreter } = what;
  const how = { cwd: cwd ?? '', user: user ?? '' };
  if (what.script === null || (interpreter === null && !what.script.includes('\n'))) {
    return { mode: 'command', changed: { ...how, line } };
  }
  const changed = { ...how, script: what.script, interpreter: interpreter ?? '' };
  return { mode: 'script', changed };
};
