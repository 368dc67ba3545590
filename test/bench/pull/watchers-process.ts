/** The process with the sockets, seen from the benchmark. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/root.ts';
import { newsSchema, type News, type Order } from './watcher-messages.ts';

export interface Watchers {
  /** Connects until there are so many. */
  reach(sockets: number): Promise<void>;
  /** Frames so far. */
  received(): Promise<number>;
  close(): void;
}

const program = fileURLToPath(new URL('watchers.ts', import.meta.url));

export const startWatchers = (
  port: number,
  tokens: readonly string[],
  signal: AbortSignal,
): Watchers => {
  const child = fork(program, [String(port), ...tokens], {
    cwd: root,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
  const close = (): void => {
    signal.removeEventListener('abort', close);
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', close, { once: true });
  const ask = async (question: Order | 'count'): Promise<News> =>
    new Promise((resolve, reject) => {
      const forget = (): void => {
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      const onExit = (): void => {
        forget();
        reject(new Error('the clients have gone'));
      };
      const onMessage = (message: unknown): void => {
        forget();
        resolve(newsSchema.parse(message));
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(question);
    });
  return {
    close,
    reach: async (sockets) => {
      const news = await ask({ sockets });
      if (news.kind === 'failed') throw new Error(`a client fails: ${news.reason}`);
    },
    received: async () => {
      const news = await ask('count');
      return news.kind === 'received' ? news.frames : 0;
    },
  };
};
