/**
 * One POST to the manager: HTTP/1.0, so that the answer comes in one piece and the connection ends
 * with it. No redirects, no cookies, and a limit on everything.
 */
import type { Outcome, Platform } from '../platform/platform.ts';
import type { ManagerPlace } from './manager-place.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

const MAX_REPLY_BYTES = 64 * 1024;
const TIMEOUT_MS = 15_000;

const failed = (code: string, message: string): Outcome<never> => ({
  ok: false,
  error: { code, message },
});

const parseReply = (text: Platform['text'], chunks: readonly Uint8Array[]): Outcome<Reply> => {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  const all = text.decodeLatin1(bytes);
  const end = all.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})[ \r]/u.exec(all)?.[1];
  if (end === -1 || status === undefined) return failed('EPROTO', 'what answers is no web server');
  const bodyStart = end + 4;
  const declared = /\r\ncontent-length: *(\d{1,9}) *\r\n/iu.exec(all.slice(0, end + 2))?.[1];
  if (declared !== undefined && Number(declared) !== length - bodyStart) {
    return failed('EPROTO', 'the answer was cut off');
  }
  return {
    ok: true,
    value: { status: Number(status), body: text.decodeUtf8(bytes, bodyStart, length) },
  };
};

export const postJson = async (
  { network, clock, text }: Pick<Platform, 'network' | 'clock' | 'text'>,
  place: ManagerPlace,
  path: string,
  document: unknown,
): Promise<Outcome<Reply>> => {
  const body = JSON.stringify(document);
  const head =
    `POST ${place.prefix}${path} HTTP/1.0\r\nHost: ${place.authority}\r\n` +
    'Content-Type: application/json\r\nAccept: application/json\r\n' +
    `Content-Length: ${text.utf8Length(body)}\r\n\r\n`;
  const chunks: Uint8Array[] = [];
  let received = 0;
  let settle: (outcome: Outcome<Reply>) => void = () => undefined;
  const replied = new Promise<Outcome<Reply>>((resolve) => {
    settle = resolve;
  });
  const address = { kind: 'tcp', host: place.host, port: place.port } as const;
  const connected = await network.connect(address, TIMEOUT_MS, (connection) => ({
    data: (chunk) => {
      received += chunk.length;
      if (received <= MAX_REPLY_BYTES) {
        chunks.push(chunk.slice());
        return;
      }
      settle(failed('E2BIG', `the answer is longer than ${MAX_REPLY_BYTES} bytes`));
      connection.destroy();
    },
    ended: () => connection.end(),
    drained: () => undefined,
    closed: () => settle(parseReply(text, chunks)),
  }));
  if (!connected.ok) return connected;
  const cancel = clock.after(TIMEOUT_MS, () => {
    settle(failed('ETIMEDOUT', `no whole answer within ${TIMEOUT_MS} ms`));
    connected.value.destroy();
  });
  connected.value.write(head + body);
  const reply = await replied;
  cancel();
  return reply;
};
