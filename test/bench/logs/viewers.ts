/**
 * Viewers of logs, as a process of its own: each follows one VM and counts what comes. Started with a
 * port and tokens; each token has 100 connections at most.
 */
import { logHistorySchema, logLinesSchema, type LogLines } from '@innkeeper/protocol';
import { io } from 'socket.io-client';
import { viewerOrderSchema, type ViewerNews, type ViewerOrder } from './viewer-messages.ts';

const [port = '', ...tokens] = process.argv.slice(2);
const A_TOKEN = 90;
/** At once: the manager has other work too. */
const CONNECTING = 25;
const NONE = -1;

let connected = 0;
let entries = 0;
let numbered = 0;
let wrong = 0;
let dropped = 0;
let last = NONE;
const tell = (news: ViewerNews): void => {
  process.send?.(news);
};

const connect = async (vmId: string, prefix: string, number: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      auth: { token: tokens[Math.floor(number / A_TOKEN)] ?? '' },
      forceNew: true,
      reconnection: false,
    });
    const start = `${prefix} `;
    let before = NONE;
    const take = (batch: LogLines): void => {
      dropped += batch.dropped ?? 0;
      entries += batch.lines.length;
      for (const entry of batch.lines) {
        if ('mark' in entry) {
          dropped += entry.count ?? 0;
          continue;
        }
        if (!entry.message.startsWith(start)) continue;
        const own = Number.parseInt(entry.message.slice(start.length), 10);
        numbered += 1;
        if (before !== NONE && own !== before + 1) wrong += 1;
        before = own;
        if (number === 0) last = own;
      }
    };
    let isFirst = true;
    // The first of each is checked; the benchmark is not to measure zod.
    socket.on('logs:history', (batch: LogLines, received: () => void) => {
      received();
      take(logHistorySchema.parse(batch));
    });
    socket.on('logs:lines', (batch: LogLines, received: () => void) => {
      received();
      if (isFirst) logLinesSchema.parse(batch);
      isFirst = false;
      take(batch);
    });
    socket.once('connect_error', reject);
    socket.once('connect', () => {
      socket.emit('logs:subscribe', { vm_id: vmId }, (answer: unknown) => {
        if (JSON.stringify(answer) === '{"ok":true}') resolve();
        else reject(new Error(`logs:subscribe was answered ${JSON.stringify(answer)}`));
      });
    });
  });

const reach = async ({ vmIds, prefix }: ViewerOrder): Promise<void> => {
  for (let from = 0; from < vmIds.length; from += CONNECTING) {
    const some = vmIds.slice(from, from + CONNECTING).map(async (vmId) => {
      connected += 1;
      await connect(vmId, prefix, connected - 1);
    });
    await Promise.all(some);
  }
};

process.on('message', (message) => {
  if (message === 'count') {
    tell({ kind: 'viewed', entries, numbered, wrong, dropped, last });
    return;
  }
  reach(viewerOrderSchema.parse(message)).then(
    () => tell({ kind: 'connected' }),
    (error: unknown) => {
      tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    },
  );
});
// Whatever has ended the benchmark ends this too.
process.on('disconnect', () => process.exit());
