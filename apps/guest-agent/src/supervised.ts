/**
 * The agent as a service of systemd: it says when it serves, goes on saying that it lives, and says
 * when it goes (sd_notify(3), sd_watchdog_enabled(3)). Who hears nothing for `WatchdogSec` starts it
 * again: an agent that hangs answers nobody, and would otherwise hang until somebody looks.
 */
import type { Program } from './main.ts';

/** Of the time that is allowed; systemd advises the half. */
const SHARE = 1 / 3;
const LEAST_PAUSE_MS = 100;

type Supervised = Pick<Program, 'notify' | 'variables'> & {
  readonly platform: {
    readonly clock: Pick<Program['platform']['clock'], 'after'>;
    readonly machine: Pick<Program['platform']['machine'], 'pid'>;
  };
};

/** How long it may be silent; undefined where nobody waits for it, or for another process. */
const watchdogMs = ({ variables, platform }: Supervised): number | undefined => {
  const { WATCHDOG_USEC: micros = '', WATCHDOG_PID: pid } = variables;
  if (!/^[1-9]\d{0,14}$/u.test(micros)) return undefined;
  if (pid !== undefined && pid !== String(platform.machine.pid)) return undefined;
  return Number(micros) / 1000;
};

export const startSupervised = (supervised: Supervised): { readonly stop: () => void } => {
  const { notify, variables, platform } = supervised;
  const { NOTIFY_SOCKET: socket = '' } = variables;
  if (notify === undefined || socket === '') return { stop: () => undefined };
  const allowedMs = watchdogMs(supervised);
  let cancel = (): void => undefined;
  const live = (pauseMs: number): void => {
    notify(socket, 'WATCHDOG=1');
    cancel = platform.clock.after(pauseMs, () => live(pauseMs));
  };
  notify(socket, 'READY=1');
  if (allowedMs !== undefined) live(Math.max(LEAST_PAUSE_MS, allowedMs * SHARE));
  return {
    stop: () => {
      cancel();
      notify(socket, 'STOPPING=1');
    },
  };
};
