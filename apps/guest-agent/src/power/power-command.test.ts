import { describe, expect, it } from 'vitest';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { powerCommand } from './power-command.ts';

const SYSTEMD = { '/run/systemd/system/x': '' };
const OPENRC = { '/run/openrc/x': '', '/sbin/openrc-shutdown': '' };

describe('powerCommand', () => {
  it.each([
    [SYSTEMD, 'shutdown', false, 'systemctl --no-block poweroff'],
    [SYSTEMD, 'reboot', true, 'systemctl --no-block reboot --force'],
    [OPENRC, 'shutdown', false, 'openrc-shutdown --poweroff now'],
    [OPENRC, 'reboot', true, 'reboot -f'],
    [{ '/run/openrc/x': '' }, 'reboot', false, 'reboot'],
    [{}, 'shutdown', false, 'poweroff'],
    [{}, 'shutdown', true, 'poweroff -f'],
  ] as const)('on a machine with %j, %s, force %s', (texts, action, force, expected) => {
    expect(powerCommand(makeFakeFiles(texts), action, force).join(' ')).toBe(expected);
  });
});
