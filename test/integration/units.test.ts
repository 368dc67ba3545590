/** The units of cloud-init/units, as systemd reads them. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../../scripts/root.ts';
import { runCommand, type CommandResult } from '../../scripts/run-command.ts';

const UNITS = join(root, 'cloud-init/units');
const SYSTEM = '/lib/systemd/system';
const ANALYZE_MS = 30_000;
const PROGRAMS = ['usr/local/bin/guest-agent', 'usr/bin/node', 'lib/systemd/systemd-socket-proxyd'];

beforeEach(async (context) => {
  const { ok } = await runCommand('systemd-analyze', ['--version'], { timeoutMs: ANALYZE_MS });
  if (!ok || !existsSync(SYSTEM)) {
    context.skip('there is no systemd-analyze here. To have it: apt-get install systemd');
  }
});

/** A root with systemd's own units and ours, and something in the place of each program. */
const makeRoot = (dropins: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-units-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const units = join(folder, 'etc/systemd/system');
  const ours = join(units, 'guest-agent.service.d');
  mkdirSync(ours, { recursive: true });
  cpSync(SYSTEM, join(folder, SYSTEM), { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(UNITS)) {
    if (/\.(?:service|socket)$/u.test(name)) copyFileSync(join(UNITS, name), join(units, name));
  }
  for (const name of dropins) {
    copyFileSync(join(UNITS, `guest-agent-${name}.conf`), join(ours, `${name}.conf`));
  }
  for (const path of PROGRAMS) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    copyFileSync('/bin/true', join(folder, path));
  }
  return folder;
};

const analyze = async (
  folder: string,
  verb: string,
  args: readonly string[],
): Promise<CommandResult> =>
  await runCommand('systemd-analyze', [verb, `--root=${folder}`, ...args], {
    timeoutMs: ANALYZE_MS,
    env: { ...process.env, SYSTEMD_COLORS: '0' },
  });

/** From 0 (closed in) to 10. */
const exposureOf = async (folder: string, unit: string): Promise<number> => {
  const { output } = await analyze(folder, 'security', ['--offline=yes', '--no-pager', unit]);
  const [, level] = /exposure level for \S+: ([\d.]+)/u.exec(output) ?? [];
  return Number(level);
};

const OURS = [
  'guest-agent.service',
  'guest-agent-host.service',
  'guest-agent-vsock.service',
  'guest-agent-vsock.socket',
  'innkeeper-manager.service',
];

describe.each([[[]], [['commands']], [['commands', 'node']], [['commands', 'lockdown']]])(
  'with the drop-ins %j',
  (dropins) => {
    test('systemd finds no mistake in any unit', async () => {
      const folder = makeRoot(dropins);
      const { output, code } = await analyze(folder, 'verify', ['--man=no', ...OURS]);
      const about = output.split('\n').filter((line) => /guest-agent|innkeeper/u.test(line));
      expect(about).toEqual([]);
      expect(code).toBe(0);
    });
  },
);

// docs/security.md has these figures.
test.each([
  ['guest-agent.service', [], 2.7],
  ['guest-agent.service', ['commands', 'lockdown'], 2],
  ['guest-agent-host.service', [], 2.7],
  ['guest-agent-vsock.service', [], 1.3],
  ['innkeeper-manager.service', [], 1.6],
] as const)('%s with %j is as closed as the documentation says', async (unit, dropins, figure) => {
  // Later versions of systemd know more to be closed: never much more open than this.
  const folder = makeRoot(dropins);
  expect(await exposureOf(folder, unit)).toBeLessThanOrEqual(figure + 0.3);
});
