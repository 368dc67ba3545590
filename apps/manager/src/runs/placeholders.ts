/**
 * Parameters of saved commands. No value ever becomes a part of a script: `{{name}}` in a script turns
 * into `"${PARAM_NAME}"`, and the value travels in the environment, so that whatever somebody types
 * stays one word to the shell, also within quotes. In an argv it is replaced as it is: no shell sees it.
 */
import type { Command, CommandCreate, ExecRequest } from '@innkeeper/protocol';

type Definition = Pick<
  CommandCreate,
  | 'argv'
  | 'script'
  | 'interpreter'
  | 'cwd'
  | 'user'
  | 'timeout_seconds'
  | 'parameters'
  | 'progress_patterns'
>;

const PLACEHOLDER = /\{\{\s*(?<name>[^{}]*?)\s*\}\}/gu;
const SHELL = /(?:^|[/ ])(?:ba|da|k|z|a)?sh(?:\s|$)/u;

const variableOf = (name: string): string => `PARAM_${name.toUpperCase()}`;

const namesIn = (text: string): string[] =>
  [...text.matchAll(PLACEHOLDER)].map(({ groups }) => groups?.['name'] ?? '');

const interpreterOf = ({ interpreter, script }: Pick<Definition, 'interpreter' | 'script'>) =>
  interpreter ?? /^#!\s*(?<line>[^\n]*)/u.exec(script ?? '')?.groups?.['line'] ?? '/bin/sh';

/** Undefined: nothing is wrong. */
export const commandProblem = (
  command: Definition,
): { readonly field: string; readonly message: string } | undefined => {
  const { argv, script, parameters } = command;
  if ((argv === null) === (script === null)) {
    return { field: 'argv', message: 'must have one of argv and script' };
  }
  const known = parameters.map(({ name }) => name);
  const twice = known.find((name, at) => known.indexOf(name) !== at);
  if (twice !== undefined) return { field: 'parameters', message: `${twice} is there twice` };
  const field = argv === null ? 'script' : 'argv';
  const used = [...(argv ?? []), script ?? ''].flatMap(namesIn);
  const stranger = used.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    return { field, message: `{{${stranger.slice(0, 40)}}} is not one of the parameters` };
  }
  if (argv !== null && namesIn(argv[0] ?? '').length > 0) {
    return { field, message: 'the program itself may not be a parameter' };
  }
  if (script !== null && used.length > 0 && !SHELL.test(interpreterOf(command))) {
    const example = variableOf(used[0] ?? 'name');
    return {
      field,
      message: `placeholders are for shells; other scripts read the environment: ${example}`,
    };
  }
  return undefined;
};

export type Filled =
  | { readonly ok: true; readonly request: ExecRequest }
  | { readonly ok: false; readonly field: string; readonly message: string };

export const fillIn = (
  command: Pick<Command, keyof Definition>,
  given: Readonly<Record<string, string>>,
): Filled => {
  const field = 'parameters';
  const values = new Map<string, string>();
  for (const { name, default: byDefault } of command.parameters) {
    const value = Object.hasOwn(given, name) ? given[name] : (byDefault ?? undefined);
    if (value === undefined) return { ok: false, field, message: `${name} has to be given` };
    values.set(name, value);
  }
  const stranger = Object.keys(given).find((name) => !values.has(name));
  if (stranger !== undefined) {
    return { ok: false, field, message: `the command has no parameter ${stranger}` };
  }
  const { argv, script, interpreter, cwd, user, timeout_seconds, progress_patterns } = command;
  const env = Object.fromEntries([...values].map(([name, value]) => [variableOf(name), value]));
  const shared = {
    ...(cwd !== null && { cwd }),
    ...(user !== null && { user }),
    ...(timeout_seconds !== null && { timeout_seconds }),
    ...(progress_patterns.length > 0 && { progress_patterns }),
  };
  if (script !== null) {
    const text = script.replaceAll(PLACEHOLDER, (_, name: string) => `"\${${variableOf(name)}}"`);
    const request = {
      ...shared,
      script: text,
      ...(values.size > 0 && { env }),
      ...(interpreter !== null && { interpreter }),
    };
    return { ok: true, request };
  }
  const [program = '', ...rest] = (argv ?? []).map((argument) =>
    argument.replaceAll(PLACEHOLDER, (_, name: string) => values.get(name) ?? ''),
  );
  return { ok: true, request: { ...shared, argv: [program, ...rest] } };
};
