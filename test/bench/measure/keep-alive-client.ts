/** Asks one server again and again on one connection, one request at a time. */

import { connect as connectSocket, type Socket } from 'node:net';
import { makeResponseReader, type HttpResponse } from './http-response.ts';

export interface KeepAliveClient {
  ask(path: string): Promise<HttpResponse>;
  close(): void;
}

/** An agent that needs longer for one answer is broken, not slow. */
const ANSWER_MS = 20_000;

/** No Accept-Encoding: compressing is nothing that one agent does and the other does not. */
const requestOf = (path: string, port: number): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: keep-alive\r\n\r\n`;

const makeClient = (socket: Socket, port: number): KeepAliveClient => {
  let waiting: { settle: (data: Buffer) => void; fail: (error: Error) => void } | undefined;
  const fail = (error: Error): void => {
    waiting?.fail(error);
    waiting = undefined;
  };
  socket.setNoDelay(true);
  socket.setTimeout(ANSWER_MS);
  socket.on('data', (data) => waiting?.settle(data));
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('it closed the connection instead of an answer')));
  socket.on('timeout', () => {
    // Between two requests nobody waits.
    if (waiting === undefined) return;
    fail(new Error(`no answer within ${ANSWER_MS / 1000} s`));
    socket.destroy();
  });
  return {
    ask: async (path) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new Error('it closed the connection between two requests'));
          return;
        }
        const read = makeResponseReader();
        waiting = {
          fail: reject,
          settle: (data) => {
            try {
              const answer = read(data);
              if (answer === undefined) return;
              waiting = undefined;
              resolve(answer);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          },
        };
        socket.write(requestOf(path, port));
      }),
    close: () => {
      waiting = undefined;
      socket.destroy();
    },
  };
};

/** Rejects where nobody listens. */
export const connectTo = async (port: number): Promise<KeepAliveClient> =>
  new Promise((resolve, reject) => {
    const socket = connectSocket({ host: '127.0.0.1', port });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(makeClient(socket, port));
    });
  });
