/** The client process, seen from the benchmark. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/root.ts';
import { reportSchema, type Order } from './scraper-messages.ts';

export interface Scrapes {
  readonly latenciesMs: readonly number[];
  readonly lastBody: string;
}

export interface Scraper {
  /** One order at a time. */
  scrape(order: Order): Promise<Scrapes>;
  close(): void;
}

const program = fileURLToPath(new URL('scraper.ts', import.meta.url));

export const startScraper = (port: number, signal: AbortSignal): Scraper => {
  const child = fork(program, [String(port)], {
    cwd: root,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Ctrl-C is for the benchmark, which ends the client in its own time.
    detached: true,
  });
  const close = (): void => {
    signal.removeEventListener('abort', close);
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', close);
  child.once('exit', () => signal.removeEventListener('abort', close));

  return {
    close,
    scrape: async (order) =>
      new Promise((resolve, reject) => {
        const forget = (): void => {
          child.off('message', onMessage);
          child.off('exit', onExit);
          child.off('error', onError);
        };
        const onError = (error: Error): void => {
          forget();
          reject(error);
        };
        const onExit = (): void => onError(new Error('the client process has ended'));
        const onMessage = (message: unknown): void => {
          forget();
          const report = reportSchema.parse(message);
          if (report.ok) resolve(report);
          else reject(new Error(report.reason));
        };
        if (child.exitCode !== null || child.signalCode !== null) {
          onExit();
          return;
        }
        child.on('message', onMessage);
        child.on('exit', onExit);
        child.on('error', onError);
        child.send(order);
      }),
  };
};
