/** Shuts this machine down, or reboots it: once, after the answer has gone out. */
import type { PowerAnswer } from '@innkeeper/protocol';
import type { PowerCommands } from '../config/change-settings.ts';
import { EXEC_PATH } from '../exec/environment.ts';
import type { Refusal } from '../http/message.ts';
import type { Log } from '../log.ts';
import type { Cancel, Platform } from '../platform/platform.ts';
import { powerCommand } from './power-command.ts';

export type PowerAction = PowerAnswer['action'];

export interface PowerRequest {
  readonly action: PowerAction;
  readonly delaySeconds: number;
  /** Without asking services to end first. */
  readonly force: boolean;
}

export type Scheduled =
  | { readonly ok: true; readonly value: PowerAnswer }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Power {
  schedule(request: PowerRequest, subject: string | undefined): Scheduled;
  /** What has not begun does not begin any more. */
  stop(): void;
}

/** So long even without a delay: the answer goes out first. */
const AT_LEAST_MS = 500;
const MAX_LOGGED_CHARACTERS = 500;

const refused = (status: number, code: string, message: string): Scheduled => ({
  ok: false,
  refusal: { status, code, message },
});

export const makePower = (dependencies: {
  readonly platform: Pick<Platform, 'clock' | 'files' | 'processes' | 'text'>;
  readonly isOn: boolean;
  readonly commands: PowerCommands | undefined;
  readonly log: Log;
}): Power => {
  const { platform, isOn, commands, log } = dependencies;
  const { clock, files, processes, text } = platform;
  let pending: PowerAction | undefined;
  let cancel: Cancel = () => undefined;

  const failed = (action: PowerAction, error: string): void => {
    pending = undefined;
    log.error('power command failed', { action, error: error.slice(0, MAX_LOGGED_CHARACTERS) });
  };

  const begin = async ({ action, force }: PowerRequest): Promise<void> => {
    const argv = commands?.[action] ?? powerCommand(files, action, force);
    log.info('power command starts', { action, command: argv.join(' ') });
    let said = '';
    const outcome = await processes.spawn(
      { argv, env: { PATH: EXEC_PATH, LANG: 'C.UTF-8' }, cwd: '/' },
      {
        stdout: () => undefined,
        stderr: (chunk) => {
          if (said.length < MAX_LOGGED_CHARACTERS) said += text.decodeUtf8(chunk);
        },
        exited: ({ code, signal }) => {
          // From here on it is the init system's.
          if (code === 0) pending = undefined;
          else failed(action, `${code ?? signal ?? ''} ${said}`.trim());
        },
      },
    );
    if (!outcome.ok) failed(action, outcome.error.message);
  };

  return {
    schedule: (request, subject) => {
      const { action, delaySeconds } = request;
      if (!isOn) return refused(403, 'forbidden', 'power is off on this machine (setting power)');
      if (pending !== undefined) {
        return refused(409, 'conflict', `a ${pending} is under way already`);
      }
      pending = action;
      const delayMs = Math.max(AT_LEAST_MS, delaySeconds * 1000);
      log.info('power command is due', {
        action,
        delay_seconds: delaySeconds,
        subject: subject ?? null,
      });
      cancel = clock.after(delayMs, () => void begin(request));
      return {
        ok: true,
        value: { action, delay_seconds: delaySeconds, at: clock.nowMs() + Math.round(delayMs) },
      };
    },
    stop: () => cancel(),
  };
};
