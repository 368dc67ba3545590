/** The Debian package, as Debian's own tools read and install it. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { debName, makeDeb } from '../../scripts/build/packages/deb.ts';
import { root } from '../../scripts/root.ts';
import { runCommand, type CommandResult } from '../../scripts/run-command.ts';
import { makeBusyboxRoot, obtainBusybox } from '../support/busybox-root.ts';
import { orSkip } from '../support/obtained.ts';
import { obtainShellcheck } from '../support/shellcheck.ts';

const TOOL_MS = 30_000;
/** In the place of the agent: what a package is does not depend on what is in it. */
const PROGRAM = Buffer.from('#!/bin/sh\necho the agent\n');

const run = async (file: string, ...args: readonly string[]): Promise<CommandResult> =>
  await runCommand(file, args, { timeoutMs: TOOL_MS });

beforeEach(async (context) => {
  const { ok } = await run('dpkg-deb', '--version');
  if (!ok) context.skip('there is no dpkg-deb here. To have it: apt-get install dpkg');
});

const writeDeb = (version: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-deb-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, debName(version, 'x64'));
  writeFileSync(path, makeDeb(version, 'x64', PROGRAM));
  return path;
};

test('two builds are the same bytes', () => {
  expect(makeDeb('1.2.3', 'x64', PROGRAM).equals(makeDeb('1.2.3', 'x64', PROGRAM))).toBe(true);
});

test('dpkg-deb reads what it is, and what is in it', async () => {
  const path = writeDeb('1.2.3');
  const info = await run('dpkg-deb', '--info', path);
  expect(info, info.output).toMatchObject({ code: 0 });
  expect(info.output).toMatch(/ Package: innkeeper-guest-agent\n Version: 1\.2\.3\n/u);
  const listed = await run('dpkg-deb', '--contents', path);
  expect(listed.output).toMatch(
    /^-rwxr-xr-x root\/root +\d+ 2020-01-01 00:00 \.\/usr\/bin\/guest-agent$/mu,
  );
  expect(listed.output).toContain('./usr/share/man/man8/guest-agent.8.gz');
  expect(listed.output).toContain('./usr/lib/sysusers.d/guest-agent.conf');
  expect(listed.output).not.toContain('usr/local');
});

test('the one for arm64 says so, and a version before a version comes before it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-deb-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, debName('1.2.3-rc.1', 'arm64'));
  writeFileSync(path, makeDeb('1.2.3-rc.1', 'arm64', PROGRAM));
  expect(path).toMatch(/innkeeper-guest-agent_1\.2\.3-rc\.1_arm64\.deb$/u);
  const { output } = await run('dpkg-deb', '--info', path);
  expect(output).toContain(' Version: 1.2.3~rc.1\n Architecture: arm64\n');
});

test('its unit starts the program that it brings', async () => {
  const path = writeDeb('1.2.3');
  const out = join(path, '..', 'out');
  expect(await run('dpkg-deb', '--extract', path, out)).toMatchObject({ code: 0 });
  const unit = readFileSync(join(out, 'lib/systemd/system/guest-agent.service'), 'utf8');
  expect(unit).toContain('ExecStart=/usr/bin/guest-agent\n');
  expect(unit).not.toContain('/usr/local');
});

test('it is installed, upgraded, removed and purged', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root installs packages');
  const busybox = orSkip(context, 'busybox', await obtainBusybox());
  const machine = makeBusyboxRoot(busybox.path, {});
  if ('reason' in machine) return context.skip(machine.reason);
  const { folder } = machine;
  for (const name of ['var/lib/dpkg/updates', 'var/lib/dpkg/info', 'var/lib/dpkg/triggers']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, 'var/lib/dpkg/status'), '');
  const dpkg = async (...args: readonly string[]): Promise<void> => {
    const done = await run('dpkg', `--root=${folder}`, '--force-architecture', ...args);
    expect(done, done.output).toMatchObject({ code: 0 });
  };
  await dpkg('--install', writeDeb('1.2.3'));
  await dpkg('--install', writeDeb('1.2.3'));
  await dpkg('--install', writeDeb('1.2.4'));
  const program = join(folder, 'usr/bin/guest-agent');
  expect(readFileSync(program).equals(PROGRAM)).toBe(true);
  expect(statSync(join(folder, 'var/lib/guest-agent')).mode % 0o1000).toBe(0o700);
  const commands = 'etc/systemd/system/guest-agent.service.d/commands.conf';
  expect(existsSync(join(folder, commands))).toBe(true);
  // Who has taken it away keeps it away.
  rmSync(join(folder, commands));
  await dpkg('--install', writeDeb('1.2.5'));
  expect(existsSync(join(folder, commands))).toBe(false);
  writeFileSync(join(folder, 'etc/guest-agent/config.json'), '{}');
  await dpkg('--remove', 'innkeeper-guest-agent');
  expect(existsSync(program)).toBe(false);
  expect(existsSync(join(folder, 'etc/guest-agent/config.json'))).toBe(true);
  await dpkg('--purge', 'innkeeper-guest-agent');
  expect(existsSync(join(folder, 'etc/guest-agent'))).toBe(false);
  expect(existsSync(join(folder, 'var/lib/guest-agent'))).toBe(false);
  return undefined;
}, 60_000);

test('shellcheck has nothing to say about its scripts', async (context) => {
  const shellcheck = orSkip(context, 'shellcheck', await obtainShellcheck());
  const folder = join(root, 'cloud-init/packages/deb');
  const scripts = readdirSync(folder).map((name) => join(folder, name));
  expect(scripts).toHaveLength(3);
  expect(await run(shellcheck.path, ...scripts)).toMatchObject({ output: '', code: 0 });
});
