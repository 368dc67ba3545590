/**
 * The owner's list of commands that may be run. An entry is a program by its path, with any
 * arguments; or a program and its arguments, which must then be just these, where `*` stands for any
 * one of them. With such a list there are no scripts and no environment from outside: either would
 * be a way to run something else.
 */
import type { Files } from '../platform/platform.ts';
import type { ExecRequest } from './exec-request.ts';

export type Allowed =
  | { readonly ok: true; readonly argv: readonly [string, ...string[]] | undefined }
  | { readonly ok: false; readonly message: string };

const refused = (message: string): Allowed => ({ ok: false, message });

/** `systemctl` is the first of its name on the path; what is named with a slash is itself. */
const pathOf = (files: Pick<Files, 'exists'>, path: string, program: string): string | undefined =>
  program.includes('/')
    ? program
    : path
        .split(':')
        .map((folder) => `${folder}/${program}`)
        .find((candidate) => files.exists(candidate));

const fits = (entry: string, program: string, args: readonly string[]): boolean => {
  const [allowed, ...words] = entry.split(' ').filter((word) => word !== '');
  if (allowed !== program) return false;
  if (words.length === 0) return true;
  return (
    words.length === args.length && words.every((word, at) => word === '*' || word === args[at])
  );
};

/** The argv to run, its program by its path; undefined where there is no list and so no limit. */
export const checkAllowed = (
  request: Pick<ExecRequest, 'command' | 'env'>,
  list: readonly string[] | undefined,
  { files, path }: { readonly files: Pick<Files, 'exists'>; readonly path: string },
): Allowed => {
  if (list === undefined) return { ok: true, argv: undefined };
  const { command, env } = request;
  if (command.kind === 'script') {
    return refused('scripts are off: exec_allow lists what may be run');
  }
  if (env.length > 0) return refused('env is off: exec_allow lists what may be run');
  const [name, ...args] = command.argv;
  const program = pathOf(files, path, name);
  const isAllowed = program !== undefined && list.some((entry) => fits(entry, program, args));
  if (!isAllowed) {
    return refused(`${JSON.stringify(name.slice(0, 60))}, so called, is not in exec_allow`);
  }
  return { ok: true, argv: [program, ...args] };
};
