/**
 * Reads one HTTP/1.1 answer from a connection that stays open. It does no more than a benchmark's
 * client needs, so that the client's own time hardly shows in the latency.
 */

export interface HttpResponse {
  readonly status: number;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';

const numberIn = (pattern: RegExp, text: string, radix = 10): number | undefined => {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, radix);
};

/** The chunks put together, or undefined where there are more to come. */
const joinChunks = (received: Buffer, start: number): Buffer | undefined => {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = numberIn(/^([0-9a-f]+)/iu, received.toString('latin1', at, lineEnd), 16);
    if (size === undefined) throw new Error('a chunk of the answer has no length');
    const next = lineEnd + 2 + size + 2;
    if (next > received.length) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(received.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
};

/** @returns a function that is given what arrives, and returns the answer once it is whole */
export const makeResponseReader = (): ((data: Buffer) => HttpResponse | undefined) => {
  let received: Buffer = Buffer.alloc(0);
  return (data) => {
    received = received.length === 0 ? data : Buffer.concat([received, data]);
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd === -1) return undefined;
    const head = received.toString('latin1', 0, headEnd);
    const status = numberIn(/^HTTP\/1\.1 (\d{3}) /u, head);
    if (status === undefined) throw new Error(`this is no answer: ${head.slice(0, 80)}`);
    const start = headEnd + HEAD_END.length;

    const length = numberIn(/\r\ncontent-length: *(\d+)/iu, head);
    if (length !== undefined) {
      if (received.length < start + length) return undefined;
      return { status, body: received.subarray(start, start + length) };
    }
    if (!/\r\ntransfer-encoding: *chunked/iu.test(head)) {
      throw new Error('the answer does not say how long it is, so the connection cannot be kept');
    }
    const body = joinChunks(received, start);
    return body === undefined ? undefined : { status, body };
  };
};
