/** Runs install.sh of a manager, with the shells and the programs for downloads that guests have. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommand, type CommandResult } from '../../scripts/run-command.ts';
import {
  serveDeployment,
  type DeploymentServer,
  type DeploymentServerOptions,
} from './deployment.ts';

export const INSTALL_MS = 60_000;
export const VM_ID = '0198c4b2-6a52-7cc0-8f0e-3d1f1a2b3c4d';
export const TOKEN = `ie_abcdefghijkl_${'t'.repeat(43)}`;
export const ENROL = ['--vm-id', VM_ID, '--token', TOKEN];
/** What the script may need besides a shell and something that downloads. */
export const TOOLS = [
  'node',
  ...'cat chmod cmp cp cut grep head id ln mkdir mktemp mv'.split(' '),
  ...'rm sed sha256sum sleep tail tr uname'.split(' '),
];

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-install-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const serveForTest = async (options: DeploymentServerOptions): Promise<DeploymentServer> => {
  const made = await serveDeployment(options);
  onTestFinished(async () => made.stop());
  return made;
};

export const findProgram = (name: string): string | undefined =>
  ['/usr/bin', '/bin', ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** A folder of links to these programs, as the whole PATH. */
export const pathOf = (names: readonly string[]): string => {
  const folder = temporaryFolder();
  for (const name of names) {
    const found = findProgram(name);
    if (found !== undefined) symlinkSync(found, join(folder, name));
  }
  return folder;
};

export interface Asked {
  readonly args: readonly string[];
  readonly from: DeploymentServer;
  /** The program and its arguments that read the script. */
  readonly shell?: readonly [string, ...string[]];
  readonly path?: string;
  readonly edit?: (script: string) => string;
}

export const runInstallScript = async (asked: Asked): Promise<CommandResult> => {
  const { args, from, shell = ['sh'], path, edit = (script) => script } = asked;
  const script = join(temporaryFolder(), 'install.sh');
  writeFileSync(script, edit((await from.ask('/install.sh')).text));
  const [program, ...rest] = shell;
  const all = [...rest, script, '--manager', from.url, ...args];
  const env = { ...process.env, ...(path !== undefined && { PATH: path }) };
  return await runCommand(findProgram(program) ?? program, all, { env, timeoutMs: INSTALL_MS });
};

/** An image that would boot with this. */
export const imageWith = (
  kind: 'systemd' | 'openrc' | 'sysv',
  more: Readonly<Record<string, string>> = {},
): string => {
  const folder = temporaryFolder();
  const files = {
    systemd: 'usr/lib/systemd/systemd',
    openrc: 'sbin/openrc-run',
    sysv: 'etc/init.d/README',
  };
  for (const [path, content] of Object.entries({ [files[kind]]: '', ...more })) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
};

export const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');
export const modeOf = (...path: readonly string[]): number => statSync(join(...path)).mode % 0o1000;
export const configOf = (image: string): unknown =>
  JSON.parse(read(image, 'etc/guest-agent/config.json'));
