/** The RPM, as rpm itself reads and installs it. */
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
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { makeRpm, rpmName } from '../../scripts/build/packages/rpm.ts';
import { root } from '../../scripts/root.ts';
import { runCommand, type CommandResult } from '../../scripts/run-command.ts';
import { makeBusyboxRoot, obtainBusybox } from '../support/busybox-root.ts';
import { orSkip } from '../support/obtained.ts';
import { obtainRpm, rpmVariables } from '../support/rpm.ts';
import { obtainShellcheck } from '../support/shellcheck.ts';

const TOOL_MS = 30_000;
/** In the place of the agent: what a package is does not depend on what is in it. */
const PROGRAM = Buffer.from('#!/bin/sh\necho the agent\n');
const COMMANDS = 'etc/systemd/system/guest-agent.service.d/commands.conf';

const RPM = await obtainRpm();

const run = async (
  context: TestContext,
  tool: 'rpm' | 'rpmkeys' | 'rpm2cpio',
  ...args: readonly string[]
): Promise<CommandResult> => {
  const { path } = orSkip(context, 'rpm', RPM);
  const env = { ...process.env, ...rpmVariables(path), LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  return await runCommand(join(dirname(path), tool), args, { timeoutMs: TOOL_MS, env });
};

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-rpm-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const writeRpm = (version: string, machine: 'x64' | 'arm64' = 'x64'): string => {
  const path = join(temporaryFolder(), rpmName(version, machine));
  writeFileSync(path, makeRpm(version, machine, PROGRAM));
  return path;
};

test('two builds are the same bytes', () => {
  expect(makeRpm('1.2.3', 'x64', PROGRAM).equals(makeRpm('1.2.3', 'x64', PROGRAM))).toBe(true);
});

test('rpm reads what it is, and finds every checksum right', async (context) => {
  const path = writeRpm('1.2.3-rc.1', 'arm64');
  expect(path).toMatch(/\/innkeeper-guest-agent-1\.2\.3-rc\.1-1\.aarch64\.rpm$/u);
  const format = '%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{OS} %{SIZE}\n';
  const asked = await run(context, 'rpm', '-qp', '--queryformat', format, path);
  expect(asked.output).toMatch(/^innkeeper-guest-agent 1\.2\.3~rc\.1 1 aarch64 linux \d+\n$/u);
  const checked = await run(context, 'rpmkeys', '-Kv', '--nosignature', path);
  expect(checked.output).toContain('Header SHA256 digest: OK');
  expect(checked.output).toContain('Payload SHA256 digest: OK');
  expect(checked.output).not.toMatch(/BAD|NOT OK/u);
  expect(checked).toMatchObject({ code: 0 });
});

test('rpm notices a changed byte', async (context) => {
  const path = writeRpm('1.2.3');
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 1, bytes.length - 20);
  writeFileSync(path, bytes);
  const checked = await run(context, 'rpmkeys', '-K', '--nosignature', path);
  expect(checked.output).toMatch(/NOT OK/u);
  expect(checked.ok).toBe(false);
});

test('it lists what is in it, with owner, mode and time', async (context) => {
  const { output } = await run(context, 'rpm', '-qplv', writeRpm('1.2.3'));
  expect(output).toMatch(/^-rwxr-xr-x +1 root +root +25 Jan +1 +2020 \/usr\/bin\/guest-agent$/mu);
  expect(output).toContain(' /usr/lib/systemd/system/guest-agent.service\n');
  expect(output).toContain(' /usr/share/man/man8/guest-agent.8.gz\n');
  expect(output).not.toContain('/usr/local');
  expect(output).not.toContain(' /lib/');
});

test('cpio unpacks what rpm2cpio takes out of it', async (context) => {
  const busybox = orSkip(context, 'busybox', await obtainBusybox());
  const folder = temporaryFolder();
  const { path } = orSkip(context, 'rpm', RPM);
  const unpacked = await runCommand(
    'sh',
    [
      '-ec',
      '"$1" "$2" >archive && "$3" cpio -id <archive',
      'sh',
      join(dirname(path), 'rpm2cpio'),
      writeRpm('1.2.3'),
      busybox.path,
    ],
    { cwd: folder, timeoutMs: TOOL_MS, env: { ...process.env, ...rpmVariables(path) } },
  );
  expect(unpacked, unpacked.output).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'usr/bin/guest-agent')).equals(PROGRAM)).toBe(true);
  const unit = readFileSync(join(folder, 'usr/lib/systemd/system/guest-agent.service'), 'utf8');
  expect(unit).toContain('ExecStart=/usr/bin/guest-agent\n');
});

test('it is installed, upgraded and removed', { timeout: 60_000 }, async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root installs packages');
  const busybox = orSkip(context, 'busybox', await obtainBusybox());
  const machine = makeBusyboxRoot(busybox.path, {});
  if ('reason' in machine) return context.skip(machine.reason);
  const { folder } = machine;
  mkdirSync(join(folder, 'var/lib/rpm'), { recursive: true });
  const rpm = async (...args: readonly string[]): Promise<void> => {
    const options = [`--root=${folder}`, '--dbpath=/var/lib/rpm', '--nodeps'];
    const done = await run(context, 'rpm', ...options, ...args);
    expect(done, done.output).toMatchObject({ code: 0 });
    expect(done.output).not.toContain('scriptlet failed');
  };
  await rpm('--install', '--ignorearch', writeRpm('1.2.3'));
  await rpm('--upgrade', '--ignorearch', writeRpm('1.2.4'));
  await rpm('--verify', '--nofiledigest', 'innkeeper-guest-agent');
  const program = join(folder, 'usr/bin/guest-agent');
  expect(readFileSync(program).equals(PROGRAM)).toBe(true);
  expect(statSync(join(folder, 'var/lib/guest-agent')).mode % 0o1000).toBe(0o700);
  expect(existsSync(join(folder, COMMANDS))).toBe(true);
  // Who has taken it away keeps it away.
  rmSync(join(folder, COMMANDS));
  await rpm('--upgrade', '--ignorearch', writeRpm('1.2.5'));
  expect(existsSync(join(folder, COMMANDS))).toBe(false);
  writeFileSync(join(folder, 'etc/guest-agent/config.json'), '{}');
  await rpm('--erase', 'innkeeper-guest-agent');
  expect(existsSync(program)).toBe(false);
  expect(existsSync(join(folder, 'usr/share/innkeeper-guest-agent'))).toBe(false);
  expect(existsSync(join(folder, 'etc/guest-agent/config.json'))).toBe(true);
  await rpm('--install', '--ignorearch', writeRpm('1.2.5'));
  expect(existsSync(join(folder, COMMANDS))).toBe(true);
  await rpm('--erase', 'innkeeper-guest-agent');
  expect(existsSync(join(folder, COMMANDS))).toBe(false);
  return undefined;
});

test('shellcheck has nothing to say about its scripts', async (context) => {
  const shellcheck = orSkip(context, 'shellcheck', await obtainShellcheck());
  const folder = join(root, 'cloud-init/packages/rpm');
  const scripts = readdirSync(folder).map((name) => join(folder, name));
  expect(scripts).toHaveLength(3);
  const options = { timeoutMs: TOOL_MS };
  expect(await runCommand(shellcheck.path, ['-s', 'sh', ...scripts], options)).toMatchObject({
    output: '',
    code: 0,
  });
});
