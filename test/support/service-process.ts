/** A foreign server (node_exporter, Prometheus) as a child process, for as long as a test needs it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Service {
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

const POLL_MS = 50;
const START_MS = 15_000;
const STOP_MS = 5_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A port that was free a moment ago: for programs that do not say which one they took. */
export const freePort = async (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

/** Resolves when `isReady` says so; what it throws until then means that it is not. */
export const startService = async (options: {
  readonly command: readonly string[];
  readonly isReady: () => Promise<boolean>;
}): Promise<Service> => {
  const [file = '', ...args] = options.command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true;
      running.delete(child);
      resolve();
    };
    child.once('error', end);
    child.once('close', end);
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(force);
  };
  const deadline = performance.now() + START_MS;
  while (!(await options.isReady().catch(() => false))) {
    if (hasEnded || performance.now() > deadline) {
      await stop();
      throw new Error(`${file} did not start; it said: ${output}`);
    }
    await sleep(POLL_MS);
  }
  return { output: () => output, stop };
};
