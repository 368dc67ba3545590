/** scripts/deploy-guest-agent.sh and scripts/stress.sh, against a running manager and real agents. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../../scripts/root.ts';
import { runCommand, type CommandResult } from '../../scripts/run-command.ts';
import { BUNDLE, bundleOn, NATIVE } from '../support/agent-process.ts';
import { hasNative } from '../support/deployment.ts';
import { makeRegisteredGuest, startEnrolling } from '../support/enrolment.ts';
import type { ManagerProcess } from '../support/manager-process.ts';
import { obtainShellcheck } from '../support/shellcheck.ts';
import { orSkip } from '../support/obtained.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

const SCRIPT = join(root, 'scripts/deploy-guest-agent.sh');
const RUN_MS = 60_000;
const UNKNOWN_ID = '0198c4b2-6a52-7cc0-8f0e-3d1f1a2b3c4d';

let db: TestDatabase;
let manager: ManagerProcess;
beforeAll(async () => {
  db = await createTestDatabase();
  manager = await startEnrolling({ databaseUrl: db.url, args: ['--local-agent', BUNDLE.path] });
}, 60_000);
afterAll(async () => {
  await manager.stop();
  await db.drop();
});

const variables = (more: Readonly<Record<string, string>> = {}) => ({
  ...process.env,
  INNKEEPER_URL: manager.url,
  INNKEEPER_ADMIN_TOKEN: manager.adminToken,
  ...more,
});

const deploy = async (
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<CommandResult> =>
  await runCommand('sh', [SCRIPT, ...args], { env: variables(more), timeoutMs: RUN_MS });

const newGuest = async (host: string) => {
  const guest = await makeRegisteredGuest(manager, host);
  onTestFinished(() => guest.remove());
  return guest;
};

/** What the config of an agent has, out of the line that a person pastes. */
const configIn = (text: string): Readonly<Record<string, unknown>> => {
  const value = (flag: string): string =>
    new RegExp(`--${flag} '?([^'\\s]+)`, 'u').exec(text)?.[1] ?? `no ${flag}`;
  return {
    vm_id: value('vm-id'),
    enrollment_token: value('token'),
    manager_url: value('manager'),
    manager_keys: [value('key')],
  };
};

test(
  'it shows what to paste, waits for the agent, and ends with its first numbers',
  async () => {
    const guest = await newGuest('127.0.0.71');
    const child = spawn('sh', [SCRIPT, guest.vmId, '--yes', '--wait', '40'], {
      env: variables(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    await waitUntil('the script waits for the agent', () =>
      printed.includes('waiting for the agent'),
    );
    expect(printed).toContain(`curl -fsSL '${manager.url}/install.sh' | sh -s -- `);
    const build = NATIVE.ok
      ? { name: 'the native binary', command: [NATIVE.path] }
      : bundleOn(process.execPath);
    const agent = await guest.start(build, configIn(printed));
    onTestFinished(async () => {
      await agent.stop();
    });
    expect([await ended, printed]).toEqual([0, expect.stringContaining('== its first numbers')]);
    expect(printed).toMatch(/ {3}token used\n/u);
    expect(printed).toMatch(/ {3}CPU {5}[\d.]+ %\n {3}memory {2}[\d.]+ % of \d+ bytes\n/u);
    expect(printed).toContain(`   address ${guest.host}\n`);
  },
  RUN_MS,
);

describe('over ssh', () => {
  /** Stands for ssh: keeps what it was asked, and ends as it is told. */
  const fakeSsh = (code: number): { readonly folder: string; readonly path: string } => {
    const folder = mkdtempSync(join(tmpdir(), 'innkeeper-ssh-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" >${folder}/args\ncat >${folder}/stdin\nexit ${code}\n`;
    writeFileSync(join(folder, 'ssh'), script);
    chmodSync(join(folder, 'ssh'), 0o755);
    return { folder, path: `${folder}:${process.env['PATH'] ?? ''}` };
  };

  test('the machine gets the script by ssh and not from the network', async () => {
    const guest = await newGuest('127.0.0.72');
    const { folder, path } = fakeSsh(0);
    const args = [guest.vmId, '--ssh', 'root@web-1', '--wait', '1'];
    const done = await deploy(args, { PATH: path });
    // Nobody was there to enrol.
    expect(done, done.output).toMatchObject({ code: 6 });
    const asked = readFileSync(join(folder, 'args'), 'utf8');
    expect(asked).toContain('root@web-1\n');
    expect(asked).toContain(
      `sh -s -- --manager '${manager.url}' --vm-id ${guest.vmId} --token ie_`,
    );
    const script = readFileSync(join(folder, 'stdin'), 'utf8');
    expect(script).toBe((await manager.askAs('/install.sh')).text);
    expect(script.includes(' guest-agent-linux-x64')).toBe(hasNative);
  });

  test.each([
    [4, 'the installation on web-1 failed with code 4'],
    [255, 'ssh cannot reach web-1'],
  ])('an end with %d is told', async (code, said) => {
    const guest = await newGuest('127.0.0.73');
    const done = await deploy([guest.vmId, '--ssh', 'web-1'], { PATH: fakeSsh(code).path });
    expect(done.output).toContain(said);
    expect(done).toMatchObject({ code: 5 });
  });
});

test('--print is nothing but the line to paste', async () => {
  const guest = await newGuest('127.0.0.74');
  const done = await deploy([guest.vmId, '--print']);
  expect(done).toMatchObject({ code: 0 });
  expect(done.output).toMatch(/^curl -fsSL \S+ \| sh -s -- [^\n]+\n$/u);
});

test('an address that is given is registered', async () => {
  const guest = await newGuest('127.0.0.75');
  const done = await deploy([guest.vmId, '--yes', '--ip', '127.0.0.75', '--wait', '1']);
  expect(done.output).toContain('== registered 127.0.0.75');
  expect(done).toMatchObject({ code: 6 });
  const refused = await deploy([guest.vmId, '--yes', '--ip', '203.0.113.9', '--wait', '1']);
  expect(refused.output).toContain('guest_ip_not_allowed');
  expect(refused).toMatchObject({ code: 3 });
});

test.each([
  [[], 2, 'Usage:'],
  [['--what'], 2, 'unknown option'],
  [['not/an/id'], 2, 'is no id'],
  [[UNKNOWN_ID, UNKNOWN_ID], 2, 'one VM at a time'],
  [[UNKNOWN_ID, '--role', 'king'], 2, '--role is guest or host'],
  [[UNKNOWN_ID, '--ssh', '-oProxyCommand=x'], 2, '--ssh needs a host'],
  [[UNKNOWN_ID, '--ip', '1;2'], 2, '--ip needs an address'],
  [[UNKNOWN_ID, '--wait', 'x'], 2, '--wait needs a number'],
  [[UNKNOWN_ID], 3, 'vm_not_found'],
  [[UNKNOWN_ID, '--role', 'host'], 3, 'host_not_found'],
  [[UNKNOWN_ID, '--manager', 'http://127.0.0.1:9'], 4, 'cannot be reached'],
] as const)('%j ends with %d, and says why', async (args, code, said) => {
  const done = await deploy(args);
  expect(done.output).toContain(said);
  expect(done).toMatchObject({ code });
});

test('without a token it says where one is looked for', async () => {
  const done = await deploy([UNKNOWN_ID], {
    INNKEEPER_ADMIN_TOKEN: '',
    INNKEEPER_DATA_DIR: '/nowhere',
  });
  expect(done.output).toContain('/nowhere/admin-token');
  expect(done).toMatchObject({ code: 2 });
});

test(
  'the stress script works as long as it is told, and leaves nothing behind',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'innkeeper-stress-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const env = { ...process.env, STRESS_DIR: folder };
    const script = join(root, 'scripts/stress.sh');
    const done = await runCommand('sh', [script, '1'], { env, timeoutMs: RUN_MS });
    expect(done, done.output).toMatchObject({ code: 0 });
    expect(readdirSync(folder)).toEqual([]);
    expect(await runCommand('sh', [script, 'x'], { env, timeoutMs: RUN_MS })).toMatchObject({
      code: 2,
    });
  },
  RUN_MS,
);

test(
  'shellcheck has nothing to say',
  async (context) => {
    const shellcheck = orSkip(context, 'shellcheck', await obtainShellcheck());
    const scripts = [SCRIPT, join(root, 'scripts/stress.sh')];
    const checked = await runCommand(shellcheck.path, scripts, { timeoutMs: RUN_MS });
    expect(checked).toMatchObject({ output: '', code: 0 });
  },
  RUN_MS,
);
