/** Reads a request's body as JSON, within a limit. */
import type { IncomingMessage } from 'node:http';
import { refuse, type Problem } from './problem.ts';
import type { ReadBody } from './route.ts';

export const DEFAULT_MAX_BODY_BYTES = 64 * 1024;

const TOO_LARGE = (maxBytes: number): Problem => ({
  status: 413,
  code: 'body_too_large',
  message: `the body is too large: at most ${maxBytes} bytes are accepted`,
});

const MALFORMED: Problem = {
  status: 400,
  code: 'malformed_json',
  message: 'the body is not valid JSON in UTF-8',
};

const CUT_OFF: Problem = {
  status: 400,
  code: 'malformed_request',
  message: 'the request ended before its body did',
};

/** With the default limit, 6.5 KiB/s: slower is either broken or on purpose. */
const BODY_TIMEOUT_MS = 10_000;

const TOO_SLOW: Problem = {
  status: 408,
  code: 'body_too_slow',
  message: `the body was not there within ${BODY_TIMEOUT_MS / 1000} s`,
};

const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined ||
  (request.headers['content-length'] ?? '0') !== '0';

const typeProblem = (request: IncomingMessage): Problem | undefined => {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return {
      status: 415,
      code: 'unsupported_media_type',
      message: 'the body must not be compressed',
    };
  }
  const [type, ...parameters] = (request.headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (type === 'application/json' && /^charset="?utf-8"?$/u.test(charset ?? 'charset=utf-8')) {
    return undefined;
  }
  return {
    status: 415,
    code: 'unsupported_media_type',
    message: 'the body must be sent as content-type: application/json, in UTF-8',
  };
};

type Outcome = Buffer | 'too large' | 'too slow' | 'cut off';

const collect = (request: IncomingMessage, maxBytes: number): Promise<Outcome> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => finish('too slow'), BODY_TIMEOUT_MS);
    const finish = (outcome: Outcome): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onCutOff).off('error', onCutOff);
      // What still comes is thrown away; the server's requestTimeout ends a sender that never stops.
      request.on('error', () => {});
      if (typeof outcome === 'string') request.resume();
      resolve(outcome);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) finish('too large');
      else chunks.push(chunk);
    };
    const onEnd = (): void => finish(Buffer.concat(chunks));
    const onCutOff = (): void => finish('cut off');
    request.on('data', onData).on('end', onEnd).on('close', onCutOff).on('error', onCutOff);
    if (request.destroyed || request.readableEnded) finish('cut off');
  });

/** `__proto__` is never a field of ours, and some ways of copying an object would follow it. */
const refuseProto = (key: string, value: unknown): unknown => {
  if (key === '__proto__') throw new SyntaxError('__proto__ is no field');
  return value;
};

const parse = (bytes: Buffer): ReadBody => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const body: unknown = JSON.parse(text, refuseProto);
    return { ok: true, body };
  } catch {
    // SyntaxError, TypeError of the decoder, RangeError where the nesting is too deep: all theirs.
    return refuse(MALFORMED);
  }
};

/** No body at all counts as `{}`: what is missing is then said field by field. */
export const readJsonBody = async (
  request: IncomingMessage,
  maxBytes: number,
): Promise<ReadBody> => {
  if (!hasBody(request)) return { ok: true, body: {} };
  const wrongType = typeProblem(request);
  if (wrongType !== undefined) return refuse(wrongType);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return refuse(TOO_LARGE(maxBytes));
  const bytes = await collect(request, maxBytes);
  if (bytes === 'too large') return refuse(TOO_LARGE(maxBytes));
  if (bytes === 'too slow') return refuse(TOO_SLOW);
  if (bytes === 'cut off') return refuse(CUT_OFF);
  return parse(bytes);
};
