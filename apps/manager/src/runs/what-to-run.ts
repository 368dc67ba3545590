/** From what somebody asks for to what the agents are asked, and what the run is called. */
import {
  ASKED_LIMIT_SECONDS,
  type Command,
  type ExecRequest,
  type RunCreate,
} from '@innkeeper/protocol';
import type { Problem } from '../http/problem.ts';
import { printable } from '../pull/failure.ts';
import type { RunLimits } from './limits.ts';
import { fillIn } from './placeholders.ts';

export type Asked = Omit<RunCreate, 'targets' | 'concurrency' | 'canary' | 'max_failures'>;

export interface WhatToRun {
  readonly name: string;
  readonly request: ExecRequest;
  /** Undefined: the agent ends it at its timeout. */
  readonly askAfterSeconds: number | undefined;
  readonly commandId: string | undefined;
}

export type Resolved =
  | ({ readonly ok: true } & WhatToRun)
  | { readonly ok: false; readonly problem: Problem };

const MAX_NAME = 128;

export const invalid = (field: string, message: string): Problem => ({
  status: 422,
  code: 'invalid',
  message: `body: ${field} ${message}`,
});

const firstLine = (script: string): string =>
  script
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#')) ?? '';

const nameOf = (request: ExecRequest): string => {
  const text = 'script' in request ? firstLine(request.script) : request.argv.join(' ');
  const name = printable(text, MAX_NAME);
  return name === '' ? 'script' : name;
};

/** Of a command that is asked about, the agent gets a limit that ends it if nobody ever answers. */
const withLimit = (
  request: ExecRequest,
  { on_timeout: onTimeout }: Pick<Asked, 'on_timeout'>,
): Pick<WhatToRun, 'request' | 'askAfterSeconds'> => {
  const { timeout_seconds: seconds } = request;
  if (onTimeout === 'kill' || seconds === undefined) return { request, askAfterSeconds: undefined };
  const limit = Math.max(seconds, ASKED_LIMIT_SECONDS);
  return { request: { ...request, timeout_seconds: limit }, askAfterSeconds: seconds };
};

const FIXED = ['interpreter', 'cwd', 'user', 'env', 'progress_patterns'] as const;

/** `command` is the saved command that `command_id` names. */
export const resolveWhat = (
  asked: Asked,
  command: Command | undefined,
  limits: Pick<RunLimits, 'defaultTimeoutSeconds' | 'defaultOutputBytes'>,
): Resolved => {
  const { argv, script, interpreter, cwd, env, user, stdin, progress_patterns } = asked;
  const no = (field: string, message: string): Resolved => ({
    ok: false,
    problem: invalid(field, message),
  });
  const defaults = {
    timeout_seconds: asked.timeout_seconds ?? limits.defaultTimeoutSeconds,
    max_output_bytes: asked.max_output_bytes ?? limits.defaultOutputBytes,
    ...(stdin !== undefined && { stdin }),
  };
  if (command !== undefined) {
    // Whoever may run it may not make another command of it.
    const fixed = FIXED.find((field) => asked[field] !== undefined);
    if (fixed !== undefined) return no(fixed, 'is what the saved command says');
    const filled = fillIn(command, asked.parameters ?? {});
    if (!filled.ok) return no(filled.field, filled.message);
    const timeout = asked.timeout_seconds ?? filled.request.timeout_seconds;
    const request = {
      ...filled.request,
      ...defaults,
      ...(timeout !== undefined && { timeout_seconds: timeout }),
    };
    return {
      ok: true,
      name: asked.name ?? command.name,
      ...withLimit(request, asked),
      commandId: command.id,
    };
  }
  if (asked.parameters !== undefined) return no('parameters', 'are for saved commands');
  const shared = {
    ...defaults,
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(user !== undefined && { user }),
    ...(progress_patterns !== undefined && { progress_patterns }),
  };
  const [program, ...rest] = argv ?? [];
  if (program === '') return no('argv', 'must name a program');
  if (interpreter !== undefined && script === undefined) return no('interpreter', 'is for scripts');
  const request: ExecRequest =
    script === undefined
      ? { ...shared, argv: [program ?? '', ...rest] }
      : { ...shared, script, ...(interpreter !== undefined && { interpreter }) };
  return {
    ok: true,
    name: asked.name ?? nameOf(request),
    ...withLimit(request, asked),
    commandId: undefined,
  };
};
