/** A saved command as somebody edits it, and as the manager takes it. */
import type { Command, CommandCreate } from '@innkeeper/protocol';
import { formatDuration } from '../format/duration.ts';
import { parseSeconds } from './draft.ts';

export interface ParameterDraft {
  readonly name: string;
  readonly description: string;
  readonly default: string;
  /** There is no default. */
  readonly isNeeded: boolean;
}

export interface PatternDraft {
  readonly pattern: string;
  readonly phase: string;
}

export interface CommandDraft {
  readonly name: string;
  readonly description: string;
  readonly kind: 'script' | 'argv';
  readonly script: string;
  /** One argument a line. */
  readonly argv: string;
  readonly interpreter: string;
  readonly cwd: string;
  readonly user: string;
  readonly timeout: string;
  readonly parameters: readonly ParameterDraft[];
  readonly patterns: readonly PatternDraft[];
  readonly runBy: CommandCreate['run_by'];
  readonly onlyOn: string;
}

export const EMPTY_PARAMETER: ParameterDraft = {
  name: '',
  description: '',
  default: '',
  isNeeded: true,
};
export const EMPTY_PATTERN: PatternDraft = { pattern: '', phase: '' };

export const EMPTY_COMMAND: CommandDraft = {
  name: '',
  description: '',
  kind: 'script',
  script: '',
  argv: '',
  interpreter: '',
  cwd: '',
  user: '',
  timeout: '',
  parameters: [],
  patterns: [],
  runBy: 'operator',
  onlyOn: '',
};

export const draftOfCommand = (command: Command): CommandDraft => ({
  name: command.name,
  description: command.description,
  kind: command.argv === null ? 'script' : 'argv',
  script: command.script ?? '',
  argv: (command.argv ?? []).join('\n'),
  interpreter: command.interpreter ?? '',
  cwd: command.cwd ?? '',
  user: command.user ?? '',
  timeout: command.timeout_seconds === null ? '' : `${command.timeout_seconds}s`,
  parameters: command.parameters.map(({ name, description, default: byDefault }) => ({
    name,
    description,
    default: byDefault ?? '',
    isNeeded: byDefault === null,
  })),
  patterns: command.progress_patterns.map(({ pattern, phase }) => ({ pattern, phase })),
  runBy: command.run_by,
  onlyOn: command.only_on ?? '',
});

export type CheckedCommand =
  | { readonly ok: true; readonly command: CommandCreate }
  | { readonly ok: false; readonly field: string; readonly message: string };

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** What only the manager knows, it says. */
export const checkCommand = (draft: CommandDraft): CheckedCommand => {
  const no = (field: string, message: string): CheckedCommand => ({ ok: false, field, message });
  const { kind, script, argv, parameters, patterns } = draft;
  const words = argv.split('\n').filter((word) => word !== '');
  if (draft.name.trim() === '') return no('name', 'It needs a name.');
  if (kind === 'script' && script.trim() === '') return no('script', 'Type a script.');
  if (kind === 'argv' && words.length === 0) return no('argv', 'Name a program.');
  const seconds = draft.timeout.trim() === '' ? null : parseSeconds(draft.timeout);
  if (seconds === undefined || seconds === 0) {
    return no('timeout_seconds', 'A time such as 90s, 5m or 1h 30m.');
  }
  const isScript = kind === 'script';
  return {
    ok: true,
    command: {
      name: draft.name.trim(),
      description: draft.description.trim(),
      argv: isScript ? null : words,
      script: isScript ? script : null,
      interpreter: isScript ? orNull(draft.interpreter) : null,
      cwd: orNull(draft.cwd),
      user: orNull(draft.user),
      timeout_seconds: seconds,
      parameters: parameters
        .filter(({ name }) => name.trim() !== '')
        .map(({ name, description, isNeeded, default: byDefault }) => ({
          name: name.trim(),
          description: description.trim(),
          default: isNeeded ? null : byDefault,
        })),
      progress_patterns: patterns
        .filter(({ pattern }) => pattern.trim() !== '')
        .map(({ pattern, phase }) => ({ pattern, phase: phase.trim() || 'Working' })),
      run_by: draft.runBy,
      only_on: orNull(draft.onlyOn),
    },
  };
};

/** `2 parameters, 5m`; what stands under the name in the list. */
export const commandFacts = (command: Command): string => {
  const { parameters, timeout_seconds: seconds, only_on: onlyOn } = command;
  const names = parameters.map(({ name }) => name);
  return [
    ...(names.length === 0 ? [] : [`with ${names.join(', ')}`]),
    ...(seconds === null ? [] : [`at most ${formatDuration(seconds)}`]),
    ...(onlyOn === null ? [] : [`only on ${onlyOn}`]),
  ].join(', ');
};
