/** JSON-RPC over the host's end of a virtio-serial port: one message in each line. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { rpcResponseSchema } from '@innkeeper/protocol';
import { makeLineReader } from '../support/line-reader.ts';

/** Asks until the agent has opened its end; throws what it answers with an error. */
export const askOverSocket = async (
  socketPath: string,
  method: string,
  timeoutMs: number,
): Promise<unknown> => {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  // While nobody has the port open in the guest, what is written there is lost.
  const ask = (): void => {
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: method, method })}\n`);
  };
  const again = setInterval(ask, 1_000);
  const tooLate = setTimeout(() => socket.destroy(), timeoutMs);
  ask();
  try {
    const nextLine = makeLineReader(socket);
    for (;;) {
      const line = await nextLine();
      if (line === undefined) throw new Error(`no answer to ${method} within ${timeoutMs} ms`);
      const answer = rpcResponseSchema.safeParse(JSON.parse(line));
      if (answer.success && answer.data.id === method) {
        if ('error' in answer.data) throw new Error(answer.data.error.message);
        return answer.data.result;
      }
    }
  } finally {
    clearInterval(again);
    clearTimeout(tooLate);
    socket.destroy();
  }
};
