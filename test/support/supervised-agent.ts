/**
 * An agent that is installed in a folder of its own, and started again when it ends, as service
 * managers do it: after any end but that by exit code 78, and a little faster.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildKind } from './agent-versions.ts';
import type { HttpAddress } from './http-client.ts';
import { freePort } from './service-process.ts';
import { waitUntil } from './wait-until.ts';

export interface SupervisedAgent {
  readonly folder: string;
  /** The program. */
  readonly file: string;
  readonly address: HttpAddress;
  /** How it has ended, each time. */
  readonly ends: readonly (number | null)[];
  stderr(): string;
  installed(): Uint8Array;
  /** Asks for it once more, with another config from then on. */
  restart(config?: Readonly<Record<string, unknown>>): void;
  stop(): Promise<void>;
}

const CONFIG_ERROR = 78;
const RESTART_MS = 100;
const START_MS = 20_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export const superviseAgent = async (options: {
  readonly kind: BuildKind;
  readonly program: Uint8Array;
  readonly config: (folder: string) => Readonly<Record<string, unknown>>;
  readonly host?: string;
  readonly port?: number;
  /** Where it is installed; left out: a folder that goes when it ends. */
  readonly folder?: string;
  readonly args?: readonly string[];
}): Promise<SupervisedAgent> => {
  const { kind, program } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'supervised-'));
  chmodSync(folder, 0o755);
  const file = join(folder, kind.artefact);
  writeFileSync(file, program, { mode: 0o755 });
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? (await freePort());
  const stateDir = mkdtempSync(join(tmpdir(), 'supervised-state-'));
  const configPath = join(stateDir, 'config.json');
  const base = { listen: `${host}:${port}`, state_dir: stateDir, updates: 'on' };
  const writeConfig = (config: Readonly<Record<string, unknown>>): void =>
    writeFileSync(configPath, JSON.stringify({ ...base, ...config }));
  writeConfig(options.config(folder));

  const ends: (number | null)[] = [];
  let stderr = '';
  let isStopped = false;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let settle: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    settle = resolve;
  });

  const start = (): void => {
    const [first = file, ...rest] = [
      ...kind.starter,
      file,
      '--config',
      configPath,
      ...(options.args ?? []),
    ];
    const started = spawn(first, rest, {
      env: { PATH: process.env['PATH'], TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    running.add(started);
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    started.on('error', () => undefined);
    started.once('close', (code) => {
      running.delete(started);
      ends.push(code);
      if (isStopped) settle();
      else if (code !== CONFIG_ERROR) timer = setTimeout(start, RESTART_MS);
    });
  };
  start();
  await waitUntil('the agent has started', () => stderr.includes('"message":"started"'), START_MS);

  return {
    folder,
    file,
    address: { host, port },
    ends,
    stderr: () => stderr,
    installed: () => readFileSync(file),
    restart: (config) => {
      if (config !== undefined) writeConfig(config);
      child?.kill('SIGTERM');
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      if (child?.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await over;
      }
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
};
