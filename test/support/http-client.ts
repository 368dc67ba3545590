/** One HTTP request on a connection of its own, over TCP, TLS or a unix socket. */
import {
  request as requestPlainly,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as requestEncrypted } from 'node:https';

export type HttpAddress =
  | { readonly host: string; readonly port: number; readonly isTls?: boolean }
  | { readonly socketPath: string };

/** Whose certificate it is, nobody asks. */
export const requestAt = (
  address: HttpAddress,
  what: {
    readonly path: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
  },
  take: (answer: IncomingMessage) => void,
): ClientRequest => {
  const options = { ...what, headers: { ...what.headers }, agent: false };
  if ('socketPath' in address) return requestPlainly({ ...options, ...address }, take);
  const { host, port, isTls = false } = address;
  const place = { ...options, host, port };
  return isTls
    ? requestEncrypted({ ...place, rejectUnauthorized: false }, take)
    : requestPlainly(place, take);
};

export interface HttpQuestion {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly timeoutMs?: number;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
  json(): unknown;
}

const TIMEOUT_MS = 10_000;

export const ask = async (
  address: HttpAddress,
  path: string,
  question: HttpQuestion = {},
): Promise<HttpReply> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, timeoutMs = TIMEOUT_MS } = question;
    const asked = requestAt(address, { path, method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        clearTimeout(timer);
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString('utf8');
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          bytes,
          json: (): unknown => JSON.parse(text),
        });
      });
    });
    const timer = setTimeout(() => {
      asked.destroy(new Error(`${method} ${path}: no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    asked.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.end(body);
  });
