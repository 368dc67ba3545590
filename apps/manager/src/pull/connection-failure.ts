/** What an error of undici or of the socket says about the guest. */
import type { PullFailureKind } from '@innkeeper/protocol';
import { WRONG_KEY } from './dial-tls.ts';

export interface ConnectionFailure {
  readonly kind: PullFailureKind;
  readonly what: string;
  /** The connection went away without a word: what happens when the peer has closed an idle one. */
  readonly isGone: boolean;
}

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';

/** How people know them; others are told by their code. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['EHOSTUNREACH', 'no route to this host, or no host there'],
  ['ENETUNREACH', 'no route to this network'],
  ['ECONNRESET', 'the connection was reset'],
  ['EPIPE', 'the connection was closed'],
  ['EADDRNOTAVAIL', 'this machine has no address or port left to connect from'],
  ['EMFILE', 'the manager has too many files open'],
  ['ENFILE', 'this machine has too many files open'],
]);

/** OpenSSL's words, of which there are hundreds. */
const NO_TLS = /^(?:ERR_SSL_|EPROTO$)/u;

/** Where the answer's head has come already, a lost connection has cut it short. */
export const describeConnectionFailure = (error: Error, hasHead: boolean): ConnectionFailure => {
  const code = codeOf(error);
  if (code === WRONG_KEY) return { kind: 'wrong_key', what: error.message, isGone: false };
  if (NO_TLS.test(code)) {
    const what = 'it speaks no TLS, as the agent has said that it does, so nothing was asked';
    return { kind: 'no_tls', what, isGone: false };
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return { kind: 'too_large', what: 'the head of the answer is too large', isGone: false };
  }
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    const what = 'the answer has another length than it says';
    return { kind: 'malformed', what, isGone: false };
  }
  // undici's words for an answer that nobody asked for, `100 Continue` and a change of protocol.
  const isOdd = code === 'UND_ERR_SOCKET' && error.message.startsWith('bad ');
  if (error.name === 'HTTPParserError' || isOdd) {
    return { kind: 'malformed', what: `not HTTP: ${error.message}`, isGone: false };
  }
  if (code === 'ETIMEDOUT') {
    return { kind: 'timeout', what: 'the connection timed out', isGone: false };
  }
  if (hasHead) {
    return { kind: 'malformed', what: 'the answer was cut short', isGone: false };
  }
  const isGone = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
  const what = isGone
    ? (WORDS.get(code) ?? 'the connection was closed before an answer')
    : (WORDS.get(code) ?? `no connection: ${code === '' ? error.message : code}`);
  return { kind: 'unreachable', what, isGone };
};
