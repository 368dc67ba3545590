/** Asks QEMU itself, https://www.qemu.org/docs/master/interop/qmp-spec.html */
import { once } from 'node:events';
import { connect } from 'node:net';
import { z } from 'zod';
import { makeLineReader } from './line-reader.ts';

const messageSchema = z.looseObject({
  return: z.unknown().optional(),
  error: z.looseObject({ desc: z.string() }).optional(),
  event: z.string().optional(),
});

const blockStatsSchema = z.array(
  z.looseObject({
    device: z.string(),
    qdev: z.string().optional(),
    stats: z.looseObject({
      rd_bytes: z.number(),
      rd_operations: z.number(),
      wr_bytes: z.number(),
      wr_operations: z.number(),
    }),
  }),
);

export type QmpBlockStats = z.infer<typeof blockStatsSchema>;

export interface QmpClient {
  execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  blockStats(): Promise<QmpBlockStats>;
  close(): void;
}

const ANSWER_MS = 5_000;

/** One question at a time. */
export const connectQmp = async (socketPath: string): Promise<QmpClient> => {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.on('timeout', () => socket.destroy(new Error('QMP does not answer')));
  socket.setTimeout(ANSWER_MS);
  const nextLine = makeLineReader(socket);
  const next = async (): Promise<z.infer<typeof messageSchema>> => {
    const line = await nextLine();
    if (line === undefined) throw new Error('QMP has closed the connection');
    return messageSchema.parse(JSON.parse(line));
  };
  const execute: QmpClient['execute'] = async (command, parameters = {}) => {
    socket.setTimeout(ANSWER_MS);
    socket.write(`${JSON.stringify({ execute: command, arguments: parameters })}\n`);
    for (;;) {
      const message = await next();
      if (message.event !== undefined) continue;
      // Between questions it may be silent.
      socket.setTimeout(0);
      if (message.error !== undefined) throw new Error(`${command}: ${message.error.desc}`);
      return message.return;
    }
  };
  // The greeting.
  await next();
  await execute('qmp_capabilities');
  return {
    execute,
    blockStats: async () => blockStatsSchema.parse(await execute('query-blockstats')),
    close: () => socket.destroy(),
  };
};
