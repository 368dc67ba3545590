/** A command as somebody types it, and as the manager takes it. */
import type { Command, RunCreate } from '@innkeeper/protocol';

export const MODES = ['command', 'script', 'saved'] as const;
export type Mode = (typeof MODES)[number];

export interface Draft {
  readonly mode: Mode;
  readonly line: string;
  readonly script: string;
  readonly interpreter: string;
  readonly commandId: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: string;
  /** `90`, `90s`, `5m`, `1h 30m`. */
  readonly timeout: string;
  readonly onTimeout: RunCreate['on_timeout'];
  /** In MiB. */
  readonly maxOutput: string;
}

export const EMPTY_DRAFT: Draft = {
  mode: 'command',
  line: '',
  script: '',
  interpreter: '',
  commandId: '',
  parameters: {},
  cwd: '',
  user: '',
  timeout: '',
  onTimeout: 'kill',
  maxOutput: '',
};

export const parseMode = (text: string | null): Mode =>
  MODES.find((mode) => mode === text) ?? 'command';

export type What = Pick<
  RunCreate,
  | 'script'
  | 'command_id'
  | 'parameters'
  | 'interpreter'
  | 'cwd'
  | 'user'
  | 'timeout_seconds'
  | 'max_output_bytes'
> &
  Partial<Pick<RunCreate, 'on_timeout'>>;

export type DraftField = 'line' | 'script' | 'command' | 'timeout' | 'max_output' | 'cwd' | 'user';

export type Checked =
  | { readonly ok: true; readonly what: What }
  | { readonly ok: false; readonly field: DraftField; readonly message: string };

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
export const MAX_SECONDS = 604_800;
const MEBIBYTE = 1024 * 1024;
const MAX_MEBIBYTES = 256;

/** Undefined: it is none. */
export const parseSeconds = (text: string): number | undefined => {
  const trimmed = text.trim().toLowerCase();
  if (/^\d{1,9}$/u.test(trimmed)) return Number(trimmed);
  if (!/^(?:\d{1,9}\s*[smhd]\s*)+$/u.test(trimmed)) return undefined;
  const parts = [...trimmed.matchAll(/(?<count>\d+)\s*(?<unit>[smhd])/gu)];
  return parts.reduce(
    (sum, { groups }) =>
      sum + Number(groups?.['count'] ?? 0) * (UNITS[groups?.['unit'] ?? 's'] ?? 1),
    0,
  );
};

const no = (field: DraftField, message: string): Checked => ({ ok: false, field, message });

type Limits = Pick<What, 'timeout_seconds' | 'on_timeout' | 'max_output_bytes'>;

const limitsOf = ({
  timeout,
  onTimeout,
  maxOutput,
}: Draft): { readonly ok: true; readonly limits: Limits } | (Checked & { readonly ok: false }) => {
  const seconds = timeout.trim() === '' ? undefined : parseSeconds(timeout);
  if (timeout.trim() !== '' && (seconds === undefined || seconds < 1 || seconds > MAX_SECONDS)) {
    const message = 'A time such as 90s, 5m or 1h 30m, and 7 days at most.';
    return { ok: false, field: 'timeout', message };
  }
  const mebibytes = maxOutput.trim() === '' ? undefined : Number(maxOutput);
  if (mebibytes !== undefined && !(mebibytes > 0 && mebibytes <= MAX_MEBIBYTES)) {
    return { ok: false, field: 'max_output', message: `MiB, ${MAX_MEBIBYTES} at most.` };
  }
  return {
    ok: true,
    limits: {
      ...(seconds !== undefined && { timeout_seconds: seconds }),
      ...(onTimeout === 'ask' && { on_timeout: onTimeout }),
      ...(mebibytes !== undefined && { max_output_bytes: Math.ceil(mebibytes * MEBIBYTE) }),
    },
  };
};

/** `command`: the saved one that is chosen. */
export const checkDraft = (draft: Draft, command: Command | undefined): Checked => {
  const checked = limitsOf(draft);
  if (!checked.ok) return checked;
  const { limits } = checked;
  if (draft.mode === 'saved') {
    if (command === undefined) return no('command', 'Choose a saved command.');
    const missing = command.parameters.find(
      ({ name, default: byDefault }) => byDefault === null && !draft.parameters[name],
    );
    if (missing !== undefined) return no('command', `${missing.name} has to be given.`);
    const known = command.parameters.flatMap(({ name }) => {
      const value = draft.parameters[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const parameters = known.length === 0 ? {} : { parameters: Object.fromEntries(known) };
    return { ok: true, what: { command_id: command.id, ...parameters, ...limits } };
  }
  const { cwd, user, interpreter } = draft;
  const how = {
    ...limits,
    ...(cwd.trim() !== '' && { cwd: cwd.trim() }),
    ...(user.trim() !== '' && { user: user.trim() }),
  };
  if (draft.mode === 'command') {
    const line = draft.line.trim();
    if (line === '') return no('line', 'Type a command.');
    return { ok: true, what: { script: line, ...how } };
  }
  if (draft.script.trim() === '') return no('script', 'Type a script.');
  const through = interpreter.trim() === '' ? {} : { interpreter: interpreter.trim() };
  return { ok: true, what: { script: draft.script, ...through, ...how } };
};

/** For whoever is asked whether it should be so. */
export const timeoutWords = ({ on_timeout: onTimeout }: Pick<What, 'on_timeout'>): string =>
  onTimeout === 'ask'
    ? 'At its timeout the command goes on, and the page of the run asks what becomes of it.'
    : 'At its timeout the command is ended.';

/** What is going to be run, for whoever is asked whether it should. */
export const draftText = (draft: Draft, command: Command | undefined): string => {
  if (draft.mode === 'command') return draft.line.trim();
  if (draft.mode === 'script') return draft.script;
  if (command === undefined) return '';
  const given = command.parameters.map(
    ({ name, default: byDefault }) => `${name}=${draft.parameters[name] ?? byDefault ?? ''}`,
  );
  return [command.name, ...given].join(' ');
};
