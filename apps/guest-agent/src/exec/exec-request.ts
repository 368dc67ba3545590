/**
 * The body of `POST /exec`, checked by hand: the agent carries no schema library. What is accepted
 * is what `execRequestSchema` accepts, and a test compares the two.
 */
import type { ProgressPattern } from '@innkeeper/protocol';
import { checkFields, isRecord, type JsonRecord } from '../http/json-body.ts';
import type { Once } from './once-marks.ts';
import { compilePattern } from './progress-pattern.ts';

export type Command =
  | { readonly kind: 'argv'; readonly argv: readonly [string, ...string[]] }
  | {
      readonly kind: 'script';
      readonly script: string;
      readonly interpreter: string | undefined;
    };

export interface ExecRequest {
  readonly command: Command;
  readonly cwd: string;
  readonly env: readonly (readonly [string, string])[];
  readonly user: string | undefined;
  readonly stdin: string | undefined;
  readonly timeoutSeconds: number;
  readonly maxOutputBytes: number;
  readonly id: string | undefined;
  readonly progressPatterns: readonly ProgressPattern[];
  /** Undefined: as often as it is asked for. */
  readonly once: Once | undefined;
}

export interface ExecLimits {
  readonly maxSeconds: number;
  readonly maxOutputBytes: number;
}

export type ParsedExec =
  | { readonly ok: true; readonly request: ExecRequest }
  | { readonly ok: false; readonly problem: string };

const DEFAULT_TIMEOUT_SECONDS = 60;
const DEFAULT_OUTPUT_BYTES = 10 * 1024 * 1024;
const MAX_ARGUMENTS = 1024;
/** What the kernel takes for one argument (MAX_ARG_STRLEN). */
const MAX_ARGUMENT_CHARACTERS = 128 * 1024;
const MAX_SCRIPT_CHARACTERS = 256 * 1024;
const MAX_STDIN_CHARACTERS = 1024 * 1024;
const MAX_VARIABLES = 256;
const MAX_PATTERNS = 32;
const ID = /^[\w.:-]{1,128}$/u;
const USER = /^\w[\w.-]{0,63}$/u;
/** It becomes the name of a file. */
const ONCE_KEY = /^\w[\w.-]{0,159}$/u;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/u;

const FIELDS = [
  'argv',
  'script',
  'interpreter',
  'cwd',
  'env',
  'user',
  'stdin',
  'timeout_seconds',
  'max_output_bytes',
  'id',
  'progress_patterns',
  'once',
];

class Refused extends Error {}

const refuse = (problem: string): never => {
  throw new Refused(problem);
};

const isArgument = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_ARGUMENT_CHARACTERS && !value.includes('\0');

const argvOf = (value: unknown): readonly [string, ...string[]] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const [first, ...rest] = list.filter(isArgument);
  const isWhole = list.length === rest.length + 1 && list.length <= MAX_ARGUMENTS;
  return isWhole && first !== undefined && first !== ''
    ? [first, ...rest]
    : refuse(
        `argv must be a list of 1 to ${MAX_ARGUMENTS} texts without NUL,` +
          ` each of at most ${MAX_ARGUMENT_CHARACTERS} characters, that starts with a program`,
      );
};

const textOf = (
  record: JsonRecord,
  name: string,
  accepts: string,
  isRight: (text: string) => boolean,
): string | undefined => {
  const value = record[name];
  if (value === undefined) return undefined;
  return typeof value === 'string' && isRight(value) ? value : refuse(`${name} must be ${accepts}`);
};

const within =
  (max: number) =>
  (text: string): boolean =>
    text !== '' && text.length <= max;

const commandOf = (record: JsonRecord): Command => {
  const interpreter = textOf(record, 'interpreter', 'a program and its options', within(500));
  const script = textOf(
    record,
    'script',
    `a text of 1 to ${MAX_SCRIPT_CHARACTERS} characters`,
    within(MAX_SCRIPT_CHARACTERS),
  );
  if ((script === undefined) === (record['argv'] === undefined)) {
    refuse('the body needs either argv or script');
  }
  if (script !== undefined) return { kind: 'script', script, interpreter };
  if (interpreter !== undefined) refuse('interpreter is for a script');
  return { kind: 'argv', argv: argvOf(record['argv']) };
};

const envOf = (value: unknown): ExecRequest['env'] => {
  if (value === undefined) return [];
  const entries = isRecord(value) ? Object.entries(value) : refuse('env must be an object');
  if (entries.length > MAX_VARIABLES) refuse(`env may have ${MAX_VARIABLES} variables at most`);
  return entries.map(([name, text]) => {
    if (!VARIABLE.test(name)) {
      refuse(`env has a name that is none: ${JSON.stringify(name.slice(0, 60))}`);
    }
    // The value is not told: it may be a secret.
    return isArgument(text) ? [name, text] : refuse(`env.${name} must be a text without NUL`);
  });
};

const numberOf = (
  record: JsonRecord,
  name: string,
  max: number,
  byDefault: number,
  isRight: (value: number) => boolean,
): number => {
  const value = record[name];
  if (value === undefined) return Math.min(byDefault, max);
  const fits = typeof value === 'number' && value > 0 && value <= max && isRight(value);
  return fits ? value : refuse(`${name} must be a number above 0 and at most ${max}`);
};

const patternsOf = (value: unknown): readonly ProgressPattern[] => {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  if (list.length > MAX_PATTERNS) {
    refuse(`progress_patterns may have ${MAX_PATTERNS} entries at most`);
  }
  return list.map((entry, index) => {
    const place = `progress_patterns[${index}]`;
    const record = isRecord(entry) ? entry : refuse(`${place} must be {pattern, phase}`);
    const { pattern, phase, ...others } = record;
    const isWhole =
      typeof pattern === 'string' && typeof phase === 'string' && Object.keys(others).length === 0;
    if (!isWhole || phase === '' || phase.length > 64) {
      return refuse(`${place} must be {pattern, phase}, the phase of 1 to 64 characters`);
    }
    const compiled = compilePattern(pattern);
    return compiled.ok ? { pattern, phase } : refuse(`${place}.pattern ${compiled.problem}`);
  });
};

const onceOf = (value: unknown): Once | undefined => {
  if (value === undefined) return undefined;
  const { key, again = false, ...others } = isRecord(value) ? value : {};
  const isWhole = typeof key === 'string' && ONCE_KEY.test(key) && Object.keys(others).length === 0;
  return isWhole && typeof again === 'boolean'
    ? { key, again }
    : refuse('once must be {key, again?}, the key of 1 to 160 letters, digits and - _ .');
};

const isAnyNumber = (): boolean => true;

export const parseExecRequest = (record: JsonRecord, limits: ExecLimits): ParsedExec => {
  try {
    const unknown = checkFields(record, FIELDS);
    if (unknown !== undefined) refuse(unknown);
    const isPath = (text: string): boolean =>
      text.startsWith('/') && text.length <= 4096 && !text.includes('\0');
    const request = {
      command: commandOf(record),
      cwd: textOf(record, 'cwd', 'an absolute path', isPath) ?? '/',
      env: envOf(record['env']),
      user: textOf(record, 'user', 'the name or number of a user', (text) => USER.test(text)),
      stdin: textOf(
        record,
        'stdin',
        `a text of at most ${MAX_STDIN_CHARACTERS} characters`,
        (text) => text.length <= MAX_STDIN_CHARACTERS,
      ),
      timeoutSeconds: numberOf(
        record,
        'timeout_seconds',
        limits.maxSeconds,
        DEFAULT_TIMEOUT_SECONDS,
        isAnyNumber,
      ),
      maxOutputBytes: numberOf(
        record,
        'max_output_bytes',
        limits.maxOutputBytes,
        DEFAULT_OUTPUT_BYTES,
        Number.isSafeInteger,
      ),
      id: textOf(record, 'id', '1 to 128 letters, digits and - _ . :', (text) => ID.test(text)),
      progressPatterns: patternsOf(record['progress_patterns']),
      once: onceOf(record['once']),
    };
    return { ok: true, request };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.message };
    throw error;
  }
};
