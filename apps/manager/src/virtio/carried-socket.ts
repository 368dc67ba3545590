/**
 * A connection to an agent's HTTP server that is carried in messages, as a socket, which is what the
 * HTTP client takes. It asks for what comes only while somebody reads, and sends one message at a time.
 */
import { Socket } from 'node:net';
import { connectionResultSchemas as results, MAX_CARRIED_BYTES } from '@innkeeper/protocol';
import type { Called, RpcChannel } from './rpc-channel.ts';

const CALL_MS = 10_000;
const WAIT_SECONDS = 20;

const errorOf = ({ problem, isGone }: Extract<Called<unknown>, { ok: false }>): Error =>
  // As with other sockets: the agent was restarted since, and a new connection may go better.
  isGone ? Object.assign(new Error(problem), { code: 'ECONNRESET' }) : new Error(problem);

const bytesOf = (chunk: unknown, encoding: BufferEncoding): Buffer =>
  typeof chunk === 'string'
    ? Buffer.from(chunk, encoding)
    : Buffer.from(chunk instanceof Uint8Array ? chunk : []);

export const openCarriedSocket = (
  channel: Pick<RpcChannel, 'call'>,
  connection: string,
  onOpen: () => void,
): Socket => {
  const socket = new Socket({ allowHalfOpen: false });
  let isOpen = false;
  let isReceiving = false;
  let isWanted = false;
  let hasEnded = false;

  const receive = async (): Promise<void> => {
    const params = { connection, wait_seconds: WAIT_SECONDS };
    const timeoutMs = WAIT_SECONDS * 1000 + CALL_MS;
    const result = results.connection_receive;
    const called = await channel.call({ method: 'connection_receive', params, result, timeoutMs });
    if (socket.destroyed) return;
    if (!called.ok) {
      socket.destroy(errorOf(called));
      return;
    }
    const { data, ended } = called.value;
    if (data !== '') isWanted = socket.push(Buffer.from(data, 'base64'));
    if (!ended) return;
    hasEnded = true;
    socket.push(null);
  };

  const receiveAll = async (): Promise<void> => {
    if (isReceiving || !isOpen) return;
    isReceiving = true;
    // Reading on is asked for while what has come is handed over, or afterwards.
    while (isWanted && !hasEnded && !socket.destroyed) await receive();
    isReceiving = false;
  };

  const write = async (bytes: Buffer, done: (error: Error | null) => void): Promise<void> => {
    for (let from = 0; from < bytes.length; from += MAX_CARRIED_BYTES) {
      const data = bytes.toString('base64', from, Math.min(bytes.length, from + MAX_CARRIED_BYTES));
      const params = { connection, data };
      const result = results.connection_send;
      const timeoutMs = CALL_MS;
      const called = await channel.call({ method: 'connection_send', params, result, timeoutMs });
      if (!called.ok) return done(errorOf(called));
    }
    return done(null);
  };

  const open = async (): Promise<void> => {
    const result = results.connection_open;
    const params = { connection };
    const timeoutMs = CALL_MS;
    const called = await channel.call({ method: 'connection_open', params, result, timeoutMs });
    if (socket.destroyed) return;
    if (!called.ok) {
      socket.destroy(errorOf(called));
      return;
    }
    isOpen = true;
    onOpen();
    void receiveAll();
  };

  socket._read = () => {
    isWanted = true;
    void receiveAll();
  };
  socket._write = (chunk, encoding, done) => void write(bytesOf(chunk, encoding), done);
  socket._writev = (chunks, done) => {
    const all = chunks.map(({ chunk, encoding }) => bytesOf(chunk, encoding));
    void write(Buffer.concat(all), done);
  };
  socket._final = (done) => done();
  const destroy = socket._destroy.bind(socket);
  socket._destroy = (error, done) => {
    const result = results.connection_close;
    const params = { connection };
    // Whatever becomes of it: the agent ends it too when its other end goes.
    void channel.call({ method: 'connection_close', params, result, timeoutMs: CALL_MS });
    destroy(error, done);
  };
  // There is no handle that could keep the process alive; Node would wait for one with listeners.
  socket.ref = () => socket;
  socket.unref = () => socket;

  void open();
  return socket;
};
