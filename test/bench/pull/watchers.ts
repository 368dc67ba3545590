/**
 * The browsers, as a process of its own: sockets that watch the fleet and count its frames. Started
 * with a port and tokens; each token has 100 connections at most.
 */
import { io, type Socket } from 'socket.io-client';
import { orderSchema, type News } from './watcher-messages.ts';

const [port = '', ...tokens] = process.argv.slice(2);
const A_TOKEN = 90;
/** At once: the manager has other work too. */
const CONNECTING = 25;

let frames = 0;
const sockets: Socket[] = [];
const tell = (news: News): void => {
  process.send?.(news);
};

const connect = async (token: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      auth: { token },
      forceNew: true,
      reconnection: false,
    });
    sockets.push(socket);
    socket.on('fleet', () => {
      frames += 1;
    });
    socket.once('connect_error', reject);
    socket.once('connect', () => {
      socket.emit('fleet:subscribe', (answer: unknown) => {
        if (JSON.stringify(answer) === '{"ok":true}') resolve();
        else reject(new Error(`fleet:subscribe was answered ${JSON.stringify(answer)}`));
      });
    });
  });

const reach = async (count: number): Promise<void> => {
  while (sockets.length < count) {
    const from = sockets.length;
    const some = Array.from({ length: Math.min(CONNECTING, count - from) }, (_, index) =>
      connect(tokens[Math.floor((from + index) / A_TOKEN)] ?? ''),
    );
    await Promise.all(some);
  }
};

process.on('message', (message) => {
  if (message === 'count') {
    tell({ kind: 'received', frames });
    return;
  }
  reach(orderSchema.parse(message).sockets).then(
    () => tell({ kind: 'connected' }),
    (error: unknown) => {
      tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    },
  );
});
// Whatever has ended the benchmark ends this too.
process.on('disconnect', () => process.exit());
