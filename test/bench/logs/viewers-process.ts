/** The process with the viewers, seen from the benchmark. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/root.ts';
import {
  viewerNewsSchema,
  type Viewed,
  type ViewerNews,
  type ViewerOrder,
} from './viewer-messages.ts';

export interface Viewers {
  connect(order: ViewerOrder): Promise<void>;
  viewed(): Promise<Viewed>;
  close(): void;
}

const program = fileURLToPath(new URL('viewers.ts', import.meta.url));

export const startViewers = (
  port: number,
  tokens: readonly string[],
  signal: AbortSignal,
): Viewers => {
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
  const ask = async (question: ViewerOrder | 'count'): Promise<ViewerNews> =>
    new Promise((resolve, reject) => {
      const forget = (): void => {
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      const onExit = (): void => {
        forget();
        reject(new Error('the viewers have gone'));
      };
      const onMessage = (message: unknown): void => {
        forget();
        resolve(viewerNewsSchema.parse(message));
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(question);
    });
  return {
    close,
    connect: async (order) => {
      const news = await ask(order);
      if (news.kind === 'failed') throw new Error(`a viewer fails: ${news.reason}`);
    },
    viewed: async () => {
      const news = await ask('count');
      if (news.kind !== 'viewed') throw new Error('the viewers do not say what they have seen');
      return news;
    },
  };
};
