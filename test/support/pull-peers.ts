/** Servers in the place of an agent that answer in bytes which the test chooses itself. */
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { sampleSchema, type Sample } from '@innkeeper/protocol';
import { root } from '../../scripts/root.ts';

export interface PeerRequest {
  /** Request line and headers, as they came. */
  readonly head: string;
  readonly body: string;
  /** Of this connection, from 1. */
  readonly number: number;
}

export interface Peer {
  readonly host: string;
  readonly port: number;
  /** All that were asked, on all connections. */
  readonly requests: PeerRequest[];
  /** Accepted so far. */
  accepted(): number;
  /** Open now. */
  open(): number;
  close(): Promise<void>;
}

export type Answer = (socket: Socket, request: PeerRequest) => void;

const HEAD_END = '\r\n\r\n';

const lengthIn = (head: string): number =>
  Number(/^content-length: (\d+)$/imu.exec(head)?.[1] ?? 0);

const listen = async (
  host: string,
  onSocket: (socket: Socket) => void,
): Promise<{ readonly port: number; close(): Promise<void> }> => {
  const server = createServer(onSocket);
  await new Promise<void>((settle, fail) => {
    server.once('error', fail);
    server.listen(0, host, settle);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return {
    port: address.port,
    close: async () => {
      await new Promise((settle) => {
        server.close(settle);
      });
    },
  };
};

export const startPeer = async (answer: Answer, host = '127.0.0.1'): Promise<Peer> => {
  const sockets = new Set<Socket>();
  const requests: PeerRequest[] = [];
  let accepted = 0;
  const server = await listen(host, (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // The puller hangs up on many of these peers.
    socket.on('error', () => socket.destroy());
    let text = '';
    let number = 0;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      for (;;) {
        const at = text.indexOf(HEAD_END);
        if (at === -1) return;
        const end = at + HEAD_END.length + lengthIn(text.slice(0, at));
        if (text.length < end) return;
        number += 1;
        const head = text.slice(0, at);
        const request = { head, body: text.slice(at + HEAD_END.length, end), number };
        text = text.slice(end);
        requests.push(request);
        answer(socket, request);
      }
    });
  });
  return {
    host,
    port: server.port,
    requests,
    accepted: () => accepted,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await server.close();
    },
  };
};

/** A port that refuses: it was free a moment ago. */
export const refusingPort = async (host = '127.0.0.1'): Promise<number> => {
  const server = await listen(host, () => {});
  await server.close();
  return server.port;
};

export interface AnswerParts {
  readonly status?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const httpAnswer = ({ status = '200 OK', headers, body = '' }: AnswerParts): string => {
  const all = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`;
};

const recorded = sampleSchema.parse(
  JSON.parse(readFileSync(join(root, 'test/golden/alpine-3-microvm/sample.json'), 'utf8')),
);

const sampleOf = (vmId: string | null): Sample => ({ ...recorded, vm_id: vmId });

export const sampleAnswer = (vmId: string | null, headers?: AnswerParts['headers']): string =>
  httpAnswer({ body: JSON.stringify(sampleOf(vmId)), ...(headers && { headers }) });
