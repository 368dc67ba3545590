import { describe, expect, test } from 'vitest';
import { makeResponseReader } from './http-response.ts';

const counted = 'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello';
const chunked =
  'HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, 20 bytes\r\n0\r\n\r\n';

describe('an HTTP answer', () => {
  test.each([
    ['with a length', counted, 200, 'hello'],
    ['in chunks', chunked, 503, 'hello, 20 bytes'],
    ['without a body', 'HTTP/1.1 204 Fine\r\ncontent-length:0\r\n\r\n', 204, ''],
  ])('%s is whole at its last byte, however it arrives', (_, text, status, body) => {
    for (const size of [1, 3, 7, text.length]) {
      const read = makeResponseReader();
      for (let at = 0; at < text.length; at += size) {
        const answer = read(Buffer.from(text.slice(at, at + size)));
        if (at + size < text.length) expect(answer).toBeUndefined();
        else expect({ ...answer, body: String(answer?.body) }).toStrictEqual({ status, body });
      }
    }
  });

  test.each([
    ['without a length', 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n', 'how long it is'],
    ['of another protocol', 'SSH-2.0-x\r\n\r\n', 'this is no answer: SSH-2.0-x'],
    [
      'with a bad chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n',
      'a chunk of the answer has no length',
    ],
  ])('%s is an error', (_, text, message) => {
    expect(() => makeResponseReader()(Buffer.from(text))).toThrow(message);
  });
});
