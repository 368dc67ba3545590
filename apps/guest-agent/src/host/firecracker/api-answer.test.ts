import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseApiAnswer } from './api-answer.ts';

const DONE = 'HTTP/1.1 204 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n\r\n';
const BODY =
  '{"fault_message":"The requested operation is not supported before starting the microVM."}';
const FAULT =
  'HTTP/1.1 400 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n' +
  `Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

describe('parseApiAnswer', () => {
  it.each([
    ['the line is written', DONE, { status: 204, faultMessage: undefined, keepAlive: true }],
    [
      'a fault',
      FAULT,
      {
        status: 400,
        faultMessage: 'The requested operation is not supported before starting the microVM.',
        keepAlive: true,
      },
    ],
    [
      'too many connections, in the words of micro-http',
      'HTTP/1.1 503\r\nServer: Firecracker API\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}',
      { status: 503, faultMessage: undefined, keepAlive: false },
    ],
    [
      'a body that is no JSON',
      'HTTP/1.1 400 Bad Request\r\ncontent-length: 1\r\n\r\n{',
      { status: 400, faultMessage: undefined, keepAlive: true },
    ],
    [
      'more than was asked for',
      `${DONE}HTTP`,
      { status: 204, faultMessage: undefined, keepAlive: false },
    ],
  ])('reads %s', (_, text, answer) => {
    expect(parseApiAnswer(text)).toEqual({ kind: 'answer', answer });
  });

  it.each([DONE, FAULT])('waits for the rest of an answer, wherever it is cut', (text) => {
    for (let length = 0; length < text.length; length += 1) {
      expect(parseApiAnswer(text.slice(0, length)).kind).toBe('incomplete');
    }
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'no status line'],
    ['chunks', 'HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n', 'a transfer encoding'],
    ['a long body', 'HTTP/1.1 400 \r\nContent-Length: 99999\r\n\r\n', 'an answer that is too long'],
    ['an endless head', 'x'.repeat(16 * 1024 + 1), 'a head without an end'],
  ])('is malformed: %s', (_, text, problem) => {
    expect(parseApiAnswer(text)).toEqual({ kind: 'malformed', problem });
  });

  it('gives something for every text', () => {
    const piece = fc.constantFrom(
      'HTTP/1.1 ',
      '204',
      ' ',
      '\r\n',
      'Content-Length: ',
      '5',
      '{',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(['answer', 'incomplete', 'malformed']).toContain(
          parseApiAnswer(pieces.join('')).kind,
        );
      }),
    );
  });
});
