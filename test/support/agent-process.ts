/**
 * Starts the built agent as a process of its own, as an init system would: command line, variables
 * and a config file in, log lines on standard error out.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { buildAgent } from '../../scripts/build/bundle.ts';
import { buildNative } from '../../scripts/build/native.ts';
import type { HttpAddress } from './http-client.ts';

/** One way to run the agent. The tests of its contract take it as a parameter. */
export interface AgentBuild {
  readonly name: string;
  readonly command: readonly string[];
  /** It is to be asked over TLS, by whoever can. */
  readonly isTls?: boolean;
}

/** Built here, so that no test runs against the agent of yesterday; cheap when nothing changed. */
export const BUNDLE = await buildAgent();

export const bundleOn = (nodePath: string, flags: readonly string[] = []): AgentBuild => ({
  name: 'the bundle on Node',
  command: [nodePath, ...flags, BUNDLE.path],
});

/** Where it cannot be built, one test says why and counts as skipped: native-build.test.ts. */
export const NATIVE = await buildNative();

const nativeBuilds: readonly AgentBuild[] = NATIVE.ok
  ? [{ name: 'the native binary', command: [NATIVE.path] }]
  : [];

/** Every build that must keep the agent's contract. */
export const AGENT_BUILDS: readonly AgentBuild[] = [bundleOn(process.execPath), ...nativeBuilds];

/** Where it cannot be built, native-build.test.ts says why. */
export const NATIVE_WITH_TLS = await buildNative('tls');

/** Those that encrypt. */
export const TLS_BUILDS: readonly AgentBuild[] = [
  bundleOn(process.execPath),
  ...(NATIVE_WITH_TLS.ok
    ? [{ name: 'the native binary with TLS', command: [NATIVE_WITH_TLS.path] }]
    : []),
];

/** Every build, and one over TLS: the native one, where it can be built. */
export const AGENT_WAYS: readonly AgentBuild[] = [
  ...AGENT_BUILDS,
  ...TLS_BUILDS.slice(-1).map(({ name, command }) => ({
    name: `${name}, over TLS`,
    command,
    isTls: true,
  })),
];

const logLineSchema = z.strictObject({
  timestamp: z.int().positive(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  target: z.literal('guest-agent'),
  message: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export type LogLine = z.infer<typeof logLineSchema>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface AgentOptions {
  readonly build: AgentBuild;
  readonly args?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** What the config file holds; the machine's own one is never read. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Put before the command: `taskset -c 1`, `ip netns exec …`. */
  readonly launcher?: readonly string[];
}

export interface AgentProcess {
  /** Of the launcher where there is one. */
  readonly pid: number;
  readonly port: number;
  /** Over loopback. */
  readonly address: HttpAddress;
  readonly exited: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  /** Throws where a line of standard error is not one of the agent's log. */
  log(): readonly LogLine[];
  signal(name: NodeJS.Signals): void;
  /** Hangs up on the agent's log, as a closed terminal does. */
  closeStderr(): void;
  /** As an init system does it. An agent that is still there at the deadline is killed, and told. */
  stop(): Promise<Exit>;
  kill(): Promise<Exit>;
}

const START_MS = 10_000;
/** The agent promises four seconds of grace; a little is for the machine. */
const STOP_MS = 5_500;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Settles with undefined where the promise has not by then; leaves no timer behind. */
const within = async <Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((settle) => {
    timer = setTimeout(() => settle(undefined), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

interface Spawned {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly onStderr: (listener: () => void) => void;
}

const spawnAgent = (options: AgentOptions): Spawned => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-'));
  // A launcher may make it another user, who reads the config as well.
  chmodSync(folder, 0o755);
  const configPath = join(folder, 'config.json');
  writeFileSync(configPath, JSON.stringify(options.config ?? {}));
  const [file = '', ...args] = [
    ...(options.launcher ?? []),
    ...options.build.command,
    '--config',
    configPath,
    ...(options.args ?? []),
  ];
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'], TZ: 'UTC', ...options.variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  const listeners: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const exited = new Promise<Exit>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      running.delete(child);
      rmSync(folder, { recursive: true, force: true });
      settle({ code, signal });
    });
  });
  if (child.pid === undefined) throw new Error(`cannot start ${file}`);
  return {
    child,
    pid: child.pid,
    exited,
    stdout: () => stdout,
    stderr: () => stderr,
    onStderr: (listener) => listeners.push(listener),
  };
};

const parseLog = (stderr: string): readonly LogLine[] =>
  stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => logLineSchema.parse(JSON.parse(line)));

/** The port in the line that says where the agent listens. */
const portIn = (stderr: string): number | undefined => {
  const port = /"listening","fields":\{"address":"http:\/\/[^"]*:(\d+)"/u.exec(stderr)?.[1];
  return port === undefined ? undefined : Number(port);
};

/** Resolves once the agent serves on all of its addresses. Port 0 unless the options say otherwise. */
export const startAgent = async (options: AgentOptions): Promise<AgentProcess> => {
  const listens =
    options.args?.includes('--listen') === true || options.config?.['listen'] !== undefined;
  const args = listens ? options.args : ['--listen', '127.0.0.1:0', ...(options.args ?? [])];
  const spawned = spawnAgent({ ...options, ...(args && { args }) });
  const { child, exited, stderr } = spawned;

  const kill = async (): Promise<Exit> => {
    child.kill('SIGKILL');
    return exited;
  };
  const stop = async (): Promise<Exit> => {
    child.kill('SIGTERM');
    const exit = await within(exited, STOP_MS);
    if (exit !== undefined) return exit;
    await kill();
    throw new Error(`the agent did not end within ${STOP_MS} ms of SIGTERM; it said: ${stderr()}`);
  };

  const started = new Promise<'started'>((settle) => {
    spawned.onStderr(() => {
      if (stderr().includes('"message":"started"')) settle('started');
    });
  });
  const outcome = await within(Promise.race([started, exited]), START_MS);
  const port = portIn(stderr());
  if (outcome !== 'started' || port === undefined) {
    await kill();
    const what = JSON.stringify(outcome ?? `nothing within ${START_MS} ms`);
    throw new Error(`the agent did not start (${what}); it said: ${stderr()}`);
  }
  return {
    pid: spawned.pid,
    port,
    address: { host: '127.0.0.1', port },
    exited,
    stdout: spawned.stdout,
    stderr,
    log: () => parseLog(stderr()),
    signal: (name) => {
      child.kill(name);
    },
    closeStderr: () => child.stderr?.destroy(),
    stop,
    kill,
  };
};

export interface Ended extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** For an agent that is meant to end by itself: `--help`, a bad setting, a port in use. */
export const runAgent = async (options: AgentOptions): Promise<Ended> => {
  const { child, exited, stdout, stderr } = spawnAgent(options);
  const exit = await within(exited, START_MS);
  if (exit === undefined) {
    child.kill('SIGKILL');
    await exited;
    throw new Error(`the agent did not end by itself; it said: ${stderr()}`);
  }
  return { ...exit, stdout: stdout(), stderr: stderr() };
};

/** Resident memory of a process, in bytes. */
export const residentBytes = (pid: number): number => {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no VmRSS`);
  return Number(kilobytes) * 1024;
};
