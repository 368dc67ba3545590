/** The methods that do something: commands, files and power, by the same rules as over HTTP. */
import type { RpcResults } from '@innkeeper/protocol';
import { parseExecRequest } from '../exec/exec-request.ts';
import type { Executions } from '../exec/executions.ts';
import type { KeptTexts } from '../exec/kept-events.ts';
import type { ExecSettings } from '../exec/prepare.ts';
import type { GuestFiles } from '../files/files.ts';
import type { Clock, TextCodec } from '../platform/platform.ts';
import type { Power, PowerAction } from '../power/power.ts';
import { decodeInSteps, encodeInSteps } from './base64-steps.ts';
import type { RpcCaller, RpcHandler } from './dispatcher.ts';
import {
  badParams,
  encodingParam,
  flagParam,
  optionalText,
  paramsOf,
  secondsParam,
  textParam,
} from './params.ts';
import {
  FAILED,
  INVALID_PARAMS,
  NOT_PERMITTED,
  rpcFailure,
  rpcRefusal,
  TIMED_OUT,
  type RpcOutcome,
} from './rpc-error.ts';

export interface ChangeMethodsDependencies {
  readonly executions: Executions;
  readonly execSettings: ExecSettings;
  readonly files: GuestFiles;
  readonly power: Power;
  readonly text: TextCodec;
  readonly clock: Pick<Clock, 'after'>;
}

type Changing = 'exec_command' | 'file_read' | 'file_write' | 'shutdown' | 'reboot';

const MAX_DELAY_SECONDS = 3600;
const PERMISSIONS = /^0?[0-7]{3}$/u;

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, at) => byte === right[at]);

/** A message is one text, and in memory several times: its output is the end of what is kept. */
const MAX_OUTPUT_CHARACTERS = 320 * 1024;

const endOf = (
  { stdout, stderr, missingBytes }: KeptTexts,
  text: Pick<TextCodec, 'utf8Length'>,
): { readonly stdout: string; readonly stderr: string; readonly missing_bytes: number } => {
  let missing = missingBytes;
  const end = (pieces: readonly string[]): string => {
    const whole = pieces.join('');
    const shown = whole.slice(-MAX_OUTPUT_CHARACTERS);
    if (shown !== whole) missing += text.utf8Length(whole.slice(0, -MAX_OUTPUT_CHARACTERS));
    return shown;
  };
  return { stdout: end(stdout), stderr: end(stderr), missing_bytes: missing };
};

const makeExecCommand =
  ({ executions, execSettings, text }: ChangeMethodsDependencies) =>
  async (params: unknown, caller: RpcCaller): Promise<RpcOutcome<RpcResults['exec_command']>> => {
    const { command, args, timeout_seconds, capture_output, working_directory } = paramsOf(params, [
      'command',
      'args',
      'timeout_seconds',
      'capture_output',
      'working_directory',
    ]);
    if (!execSettings.isOn) {
      return rpcFailure(NOT_PERMITTED, 'commands are off on this machine (setting exec)');
    }
    const list: readonly unknown[] = Array.isArray(args) ? args : [];
    if (args !== undefined && !Array.isArray(args)) badParams('args must be a list of texts');
    const isCaptured = flagParam({ capture_output }, 'capture_output', true);
    const parsed = parseExecRequest(
      {
        argv: [command, ...list],
        ...(timeout_seconds !== undefined && { timeout_seconds }),
        ...(working_directory !== undefined && { cwd: working_directory }),
      },
      execSettings,
    );
    if (!parsed.ok) {
      // By the names that the caller knows.
      const problem = parsed.problem.replace('argv', 'command with args');
      return rpcFailure(INVALID_PARAMS, problem.replace('cwd', 'working_directory'));
    }
    const started = await executions.run(parsed.request, caller.subject);
    if (!started.ok) return rpcRefusal(started.refusal);
    const { execution } = started;
    await execution.over;
    const result = execution.document();
    const output = isCaptured
      ? endOf(execution.texts(), text)
      : { stdout: '', stderr: '', missing_bytes: result.output_bytes };
    const execution_time_ms = Math.round(result.duration_seconds * 1000);
    if (result.timed_out) {
      const message = `the command was ended after ${result.timeout_seconds} s`;
      return rpcFailure(TIMED_OUT, message, { ...output, execution_time_ms });
    }
    const { exit_code, signal } = result;
    return { ok: true, value: { exit_code, signal, ...output, execution_time_ms } };
  };

const makeFileRead =
  ({ files, text, clock }: ChangeMethodsDependencies) =>
  async (params: unknown, caller: RpcCaller): Promise<RpcOutcome<RpcResults['file_read']>> => {
    const known = paramsOf(params, ['path', 'encoding']);
    const path = textParam(known, 'path');
    const encoding = encodingParam(known);
    const read = files.read(path, undefined, caller.subject);
    if (!read.ok) return rpcRefusal(read.refusal);
    if (!('bytes' in read.value)) return rpcFailure(FAILED, 'this is a folder');
    const { bytes } = read.value;
    if (encoding === 'base64') {
      const content = await encodeInSteps(bytes, clock);
      return { ok: true, value: { content, encoding, size: bytes.length } };
    }
    const content = text.decodeUtf8(bytes);
    // Replacement characters would not write the same file again.
    if (content.includes('\uFFFD') && !sameBytes(text.encodeUtf8(content), bytes)) {
      return rpcFailure(FAILED, 'the file is not UTF-8; ask for it with the encoding base64');
    }
    return { ok: true, value: { content, encoding, size: bytes.length } };
  };

const makeFileWrite =
  ({ files, text, clock }: ChangeMethodsDependencies) =>
  async (params: unknown, caller: RpcCaller): Promise<RpcOutcome<RpcResults['file_write']>> => {
    const known = paramsOf(params, ['path', 'content', 'encoding', 'create_dirs', 'permissions']);
    const path = textParam(known, 'path');
    const content = textParam(known, 'content');
    const isBase64 = encodingParam(known) === 'base64';
    const bytes = isBase64 ? await decodeInSteps(content, clock) : text.encodeUtf8(content);
    if (bytes === undefined) return badParams('content must be base64');
    const permissions = optionalText(known, 'permissions');
    if (permissions !== undefined && !PERMISSIONS.test(permissions)) {
      badParams('permissions must be three octal digits, such as 0644');
    }
    const options = {
      mode: permissions === undefined ? undefined : Number.parseInt(permissions, 8),
      makeFolders: flagParam(known, 'create_dirs', false),
    };
    const written = files.write(path, bytes, options, caller.subject);
    if (!written.ok) return rpcRefusal(written.refusal);
    return { ok: true, value: { success: true, bytes_written: bytes.length } };
  };

const makePowerCall =
  ({ power }: ChangeMethodsDependencies, action: PowerAction) =>
  (params: unknown, caller: RpcCaller): RpcOutcome<RpcResults['shutdown']> => {
    const known = paramsOf(params, ['timeout_seconds', 'force']);
    const delaySeconds = secondsParam(known, 'timeout_seconds', MAX_DELAY_SECONDS);
    const force = flagParam(known, 'force', false);
    const scheduled = power.schedule({ action, delaySeconds, force }, caller.subject);
    if (!scheduled.ok) return rpcRefusal(scheduled.refusal);
    const message = `${action} in ${delaySeconds} s`;
    return { ok: true, value: { initiated: true, message } };
  };

export const makeChangeMethods = (
  dependencies: ChangeMethodsDependencies,
): Readonly<Record<Changing, RpcHandler>> => ({
  exec_command: { scope: 'exec', call: makeExecCommand(dependencies) },
  file_read: { scope: 'files', call: makeFileRead(dependencies) },
  file_write: { scope: 'files', call: makeFileWrite(dependencies) },
  shutdown: { scope: 'power', call: makePowerCall(dependencies, 'shutdown') },
  reboot: { scope: 'power', call: makePowerCall(dependencies, 'reboot') },
});
