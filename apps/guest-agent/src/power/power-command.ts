/** How this machine is shut down: by what its init system has for it. */
import type { Files } from '../platform/platform.ts';

type Argv = readonly [string, ...string[]];

const SYSTEMD: Readonly<Record<'shutdown' | 'reboot', Argv>> = {
  shutdown: ['systemctl', '--no-block', 'poweroff'],
  reboot: ['systemctl', '--no-block', 'reboot'],
};

const OPENRC: Readonly<Record<'shutdown' | 'reboot', Argv>> = {
  shutdown: ['openrc-shutdown', '--poweroff', 'now'],
  reboot: ['openrc-shutdown', '--reboot', 'now'],
};

/** sysvinit and busybox have these. */
const PLAIN: Readonly<Record<'shutdown' | 'reboot', Argv>> = {
  shutdown: ['poweroff'],
  reboot: ['reboot'],
};

export const powerCommand = (
  files: Pick<Files, 'exists'>,
  action: 'shutdown' | 'reboot',
  force: boolean,
): Argv => {
  // sd_booted(3): systemd runs this machine, and is not merely installed.
  if (files.exists('/run/systemd/system')) {
    return force ? [...SYSTEMD[action], '--force'] : SYSTEMD[action];
  }
  if (!force && files.exists('/run/openrc') && files.exists('/sbin/openrc-shutdown')) {
    return OPENRC[action];
  }
  return force ? [...PLAIN[action], '-f'] : PLAIN[action];
};
