/** Takes apart what came back on a connection, and says what is wrong with it. */
import { errorBodySchema } from '@innkeeper/protocol';

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [A-Za-z ]+$/u;
const HEADER_LINE = /^[A-Za-z-]+: [\u0020-\u007e]*$/u;
/** A line of a stack trace, or a name that only the inside of the agent knows. */
const INSIDE = /(?:\n|\\n)\s+at |node:internal|guest-agent\.mjs|\.ts:\d/u;

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const parseHead = (text: string): Omit<Answer, 'body'> => {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = STATUS_LINE.exec(statusLine)?.[1];
  if (status === undefined) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    if (!HEADER_LINE.test(line)) throw new Error(`not a header: ${JSON.stringify(line)}`);
    const colon = line.indexOf(': ');
    const name = line.slice(0, colon).toLowerCase();
    if (headers.has(name)) throw new Error(`the header ${name} comes twice`);
    headers.set(name, line.slice(colon + 2));
  }
  return { status: Number(status), headers };
};

/** `mayBeHead`: the answer to HEAD has the length of a body that does not come. */
const takeAnswer = (bytes: Buffer, mayBeHead: boolean): { answer: Answer; rest: Buffer } => {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) throw new Error(`an answer without an end: ${bytes.toString('latin1', 0, 200)}`);
  const head = parseHead(bytes.toString('latin1', 0, end));
  const after = bytes.subarray(end + 4);
  if (head.status === 100) return { answer: { ...head, body: Buffer.alloc(0) }, rest: after };
  // A stream goes on for as long as the connection, and HEAD announces one that does not come.
  if (head.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    return { answer: { ...head, body: after }, rest: Buffer.alloc(0) };
  }
  const length = Number(head.headers.get('content-length') ?? Number.NaN);
  if (!Number.isInteger(length)) throw new Error('an answer without a length');
  const isHead = mayBeHead && (after.length === 0 || after.toString('latin1', 0, 5) === 'HTTP/');
  if (!isHead && after.length < length) {
    throw new Error(`an answer that ends after ${after.length} of ${length} bytes`);
  }
  const body = after.subarray(0, isHead ? 0 : length);
  return { answer: { ...head, body }, rest: after.subarray(body.length) };
};

/** What the machine does not let an ordinary user read, such as its logs, is no fault of the agent. */
const isUnreadable = (status: number, text: string, mayBeHead: boolean): boolean =>
  status === 503 && (text.includes('"unreadable"') || (text === '' && mayBeHead));

const problemOf = ({ status, headers, body }: Answer, mayBeHead: boolean): string | undefined => {
  if (status === 100) return undefined;
  const text = body.toString('utf8');
  const isFault = status >= 500 && !isUnreadable(status, text, mayBeHead);
  if (status < 200 || (status >= 300 && status < 400) || isFault) return `status ${status}`;
  if (INSIDE.test(text)) return `the inside of the agent in: ${text.slice(0, 500)}`;
  if (text.includes('\uFFFD') && status >= 400) return `broken UTF-8 in: ${text.slice(0, 500)}`;
  if (text === '') return mayBeHead ? undefined : `an empty body with status ${status}`;
  const type = headers.get('content-type') ?? '';
  if (status >= 400 && !type.startsWith('application/json')) return `an error as ${type}`;
  if (!type.startsWith('application/json')) return undefined;
  const document: unknown = JSON.parse(text);
  const isError = errorBodySchema.safeParse(document).success;
  return isError === status >= 400 ? undefined : `status ${status} with ${text.slice(0, 200)}`;
};

/** A whole head that announces no body: whatever is in it, somebody waits for an answer. */
const needsAnswer = (request: Buffer): boolean => {
  const text = request.toString('latin1').replace(/^(?:\r\n)+/u, '');
  const end = text.indexOf('\r\n\r\n');
  return end !== -1 && !/content-length|transfer-encoding/iu.test(text.slice(0, end));
};

/**
 * The statuses of all answers in the bytes; throws where one is not as every answer must be, or
 * where there is none although there was a request.
 */
export const checkAnswers = (bytes: Buffer, request: Buffer): readonly number[] => {
  const mayBeHead = request.includes('HEAD');
  const statuses: number[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const taken = takeAnswer(rest, mayBeHead);
    const problem = problemOf(taken.answer, mayBeHead);
    if (problem !== undefined) throw new Error(problem);
    statuses.push(taken.answer.status);
    rest = taken.rest;
  }
  if (statuses.length === 0 && needsAnswer(request)) {
    throw new Error('no answer to a whole request');
  }
  return statuses;
};
