/** From a request to what is started: who runs it, in which environment, and a script in its file. */
import type { Refusal } from '../http/message.ts';
import type { Platform, ProcessOptions } from '../platform/platform.ts';
import { checkAllowed } from './allow-list.ts';
import { EXEC_PATH, makeEnvironment } from './environment.ts';
import type { ExecRequest } from './exec-request.ts';
import { interpreterOf, writeScript, type ScriptFile } from './script-file.ts';
import { findUser, type User } from './users.ts';

export interface ExecSettings {
  readonly isOn: boolean;
  /** Undefined: anything may be run. */
  readonly allow: readonly string[] | undefined;
  readonly user: string | undefined;
  readonly maxRunning: number;
  readonly maxSeconds: number;
  readonly maxOutputBytes: number;
}

export type Prepared =
  | {
      readonly ok: true;
      readonly options: ProcessOptions;
      readonly userName: string | undefined;
      readonly script: ScriptFile | undefined;
    }
  | { readonly ok: false; readonly refusal: Refusal };

const refuse = (
  status: number,
  code: string,
  message: string,
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: { status, code, message },
});

type Runner =
  | {
      readonly ok: true;
      readonly user: User | undefined;
      /** The user to become; undefined where the agent is it already, which needs no right. */
      readonly become: User | undefined;
    }
  | { readonly ok: false; readonly refusal: Refusal };

const findRunner = (
  { files, machine }: Pick<Platform, 'files' | 'machine'>,
  settings: Pick<ExecSettings, 'user'>,
  asked: string | undefined,
): Runner => {
  if (settings.user !== undefined && asked !== undefined && asked !== settings.user) {
    return refuse(403, 'forbidden', `exec_user is set: commands run as ${settings.user} here`);
  }
  const wanted = settings.user ?? asked;
  if (wanted === undefined) {
    return { ok: true, user: findUser(files, String(machine.uid)), become: undefined };
  }
  const user = findUser(files, wanted);
  if (user === undefined) {
    return refuse(422, 'invalid', `there is no user ${JSON.stringify(wanted)} in /etc/passwd`);
  }
  return { ok: true, user, become: user.uid === machine.uid ? undefined : user };
};

/** The script's file, if there is one, is the caller's to remove. */
export const prepare = (
  platform: Pick<Platform, 'files' | 'machine' | 'crypto' | 'text'>,
  settings: ExecSettings,
  request: ExecRequest,
  id: string,
): Prepared => {
  const { files, text } = platform;
  const { command, cwd, env, stdin } = request;
  const allowed = checkAllowed(request, settings.allow, { files, path: EXEC_PATH });
  if (!allowed.ok) return refuse(403, 'forbidden', allowed.message);
  const runner = findRunner(platform, settings, request.user);
  if (!runner.ok) return runner;
  const { user, become } = runner;
  const common = {
    cwd,
    env: makeEnvironment(id, user, env),
    ...(stdin !== undefined && { stdin: text.encodeUtf8(stdin) }),
    ...(become !== undefined && { user: { uid: become.uid, gid: become.gid } }),
  };
  const userName = user?.name;
  if (command.kind === 'argv') {
    const options = { argv: allowed.argv ?? command.argv, ...common };
    return { ok: true, options, userName, script: undefined };
  }
  const written = writeScript(platform, command.script, become);
  if (!written.ok) {
    return refuse(503, 'cannot_start', `cannot keep the script: ${written.error.message}`);
  }
  const script = written.value;
  const [interpreter, ...words] = interpreterOf(command.script, command.interpreter);
  const options: ProcessOptions = { argv: [interpreter, ...words, script.path], ...common };
  return { ok: true, options, userName, script };
};
