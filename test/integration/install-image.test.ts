/** install.sh with an image that does not run: what is in it afterwards. */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult } from '../../scripts/run-command.ts';
import { hasNative, serveDeployment, type DeploymentServer } from '../support/deployment.ts';
import {
  configOf,
  ENROL,
  imageWith,
  modeOf,
  pathOf,
  read,
  runInstallScript,
  TOKEN,
  TOOLS,
  VM_ID,
  type Asked,
} from '../support/install-script.ts';

let server: DeploymentServer;
beforeAll(async () => {
  server = await serveDeployment();
});
afterAll(async () => server.stop());

const runScript = async (asked: Partial<Asked> & Pick<Asked, 'args'>): Promise<CommandResult> =>
  await runInstallScript({ from: server, ...asked });

describe('an image', () => {
  const path = (): string => pathOf([...TOOLS, 'curl']);

  test('with OpenRC gets its script and runlevel', async () => {
    const image = imageWith('openrc');
    const done = await runScript({ path: path(), args: ['--root', image] });
    expect(done, done.output).toMatchObject({ code: 0 });
    expect(modeOf(image, 'etc/init.d/guest-agent')).toBe(0o755);
    expect(readlinkSync(join(image, 'etc/runlevels/default/guest-agent'))).toBe(
      '/etc/init.d/guest-agent',
    );
    expect(configOf(image)).toEqual({ updates: 'on' });
  });

  test('of a hypervisor gets the unit for it, and no commands', async () => {
    const image = imageWith('systemd');
    const listen = '0.0.0.0:9111';
    const args = ['--root', image, '--role', 'guest,host', '--listen', listen];
    const done = await runScript({ path: path(), args });
    expect(done, done.output).toMatchObject({ code: 0 });
    const units = join(image, 'etc/systemd/system');
    expect(existsSync(join(units, 'guest-agent-host.service'))).toBe(true);
    expect(existsSync(join(units, 'guest-agent.service'))).toBe(false);
    expect(configOf(image)).toEqual({ listen, role: 'guest,host', exec: 'off', power: 'off' });
    const refused = await runScript({ path: path(), args: [...args, '--commands', 'on'] });
    expect(refused).toMatchObject({ code: 2 });
  });

  test('may have the build for Node', async () => {
    const image = imageWith('systemd');
    const args = ['--root', image, '--build', 'node'];
    const done = await runScript({ path: path(), args });
    expect(done, done.output).toMatchObject({ code: 0 });
    expect(read(image, 'usr/local/bin/guest-agent')).toMatch(
      /^#!\/bin\/sh\nexec \S+ --lite-mode .* \/usr\/local\/lib\/guest-agent\/guest-agent\.mjs "\$@"\n$/u,
    );
    expect(existsSync(join(image, 'usr/local/lib/guest-agent/guest-agent.mjs'))).toBe(true);
    const dropins = join(image, 'etc/systemd/system/guest-agent.service.d');
    expect(read(dropins, 'node.conf')).toContain('MemoryMax=128M');
  });

  test('keeps at an upgrade its configuration, and what it has chosen', async () => {
    const image = imageWith('systemd');
    const first = [...ENROL, '--root', image, '--commands', 'off'];
    expect(await runScript({ path: path(), args: first })).toMatchObject({ code: 0 });
    const config = read(image, 'etc/guest-agent/config.json');
    const again = await runScript({ path: path(), args: ['--root', image] });
    expect(again, again.output).toMatchObject({ code: 0 });
    expect(read(image, 'etc/guest-agent/config.json')).toBe(config);
    const dropins = join(image, 'etc/systemd/system/guest-agent.service.d');
    expect(existsSync(join(dropins, 'commands.conf'))).toBe(false);
    const opened = await runScript({ path: path(), args: ['--root', image, '--commands', 'on'] });
    expect(opened, opened.output).toMatchObject({ code: 0 });
    expect(existsSync(join(dropins, 'commands.conf'))).toBe(true);
    expect(configOf(image)).toEqual({
      vm_id: VM_ID,
      manager_url: server.url,
      manager_keys: [server.key],
      enrollment_token: TOKEN,
      updates: 'on',
    });
    const closed = await runScript({ path: path(), args: ['--root', image, '--commands', 'off'] });
    expect(closed, closed.output).toMatchObject({ code: 0 });
    expect(read(image, 'etc/guest-agent/config.json')).toBe(config);
    const enrolled = await runScript({ path: path(), args: [...ENROL, '--root', image] });
    expect(enrolled).toMatchObject({ code: 0 });
    expect(read(image, 'etc/guest-agent/config.json.old')).toBe(config);
    expect(configOf(image)).toMatchObject({ exec: 'off', vm_id: VM_ID });
  });

  test('is as it was after an uninstallation, but for what was configured', async () => {
    const image = imageWith('systemd');
    await runScript({ path: path(), args: [...ENROL, '--root', image] });
    const removed = await runScript({ path: path(), args: ['--uninstall', '--root', image] });
    expect(removed, removed.output).toMatchObject({ code: 0 });
    expect(readdirSync(join(image, 'etc/systemd/system'))).toEqual(['multi-user.target.wants']);
    expect(readdirSync(join(image, 'usr/local/bin'))).toEqual([]);
    expect(existsSync(join(image, 'etc/guest-agent/config.json'))).toBe(true);
    const args = ['--uninstall', '--purge', '--root', image];
    expect(await runScript({ path: path(), args })).toMatchObject({ code: 0 });
    expect(existsSync(join(image, 'etc/guest-agent'))).toBe(false);
    expect(existsSync(join(image, 'var/lib/guest-agent'))).toBe(false);
  });

  test('is not touched by --print', async () => {
    const image = imageWith('sysv');
    const done = await runScript({ path: path(), args: [...ENROL, '--root', image, '--print'] });
    expect(done).toMatchObject({ code: 0 });
    const build = hasNative && process.arch === 'x64' ? 'native' : 'node';
    expect(done.output).toContain(`would install the ${build} build`);
    expect(done.output).toContain(`enrols as ${VM_ID}`);
    expect(done.output).not.toContain(TOKEN);
    expect(readdirSync(image)).toEqual(['etc']);
  });
});
