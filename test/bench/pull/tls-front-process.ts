/** The process that decrypts for a farm, seen from the benchmark. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { root } from '../../../scripts/root.ts';

export interface TlsFront {
  readonly port: number;
  /** By which all guests are known. */
  readonly pin: string;
  stop(): void;
}

const program = fileURLToPath(new URL('tls-front.ts', import.meta.url));
const newsSchema = z.tuple([z.object({ port: z.number(), pin: z.string() })], z.unknown());

export const startTlsFront = async (farmPort: number, signal: AbortSignal): Promise<TlsFront> => {
  const child = fork(program, [String(farmPort)], {
    cwd: root,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
  const stop = (): void => {
    signal.removeEventListener('abort', stop);
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  const [news] = newsSchema.parse(await once(child, 'message', { signal }));
  return { ...news, stop };
};
