/**
 * The program of the native binary in the place of the agent: lends its platform to a test in another
 * process. It reads calls from one FIFO, a JSON line each, answers each on a second one, and tells
 * on a third what happens meanwhile: calls of the test's functions, and promises that have settled.
 */
import { MOST_BYTES, READABLE, startEventLoop } from '../../platform/quickjs/event-loop.ts';
import { makeQuickjsPlatform } from '../../platform/quickjs/platform.ts';
import { watchSignals } from '../../platform/quickjs/signals.ts';
import { openStream } from '../../platform/quickjs/stream.ts';
import { quickjsTls } from '../../platform/quickjs/tls.ts';
import { isRecord, listOf, makeCodec } from './codec.ts';

/** open(2): O_RDWR waits for nobody at a FIFO, and never ends (fifo(7)). */
const READ_WRITE = 2;
const NON_BLOCKING = 0o4000;

const loop = startEventLoop();
const signals = watchSignals(loop);
const [callsPath = '', answersPath = '', eventsPath = ''] = native.arguments;
const calls = native.open(callsPath, READ_WRITE | NON_BLOCKING);
const answers = native.open(answersPath, READ_WRITE);
const nothing = (): void => undefined;
const events = openStream(
  loop,
  native.open(eventsPath, READ_WRITE | NON_BLOCKING),
  { reads: false, aside: false, halfOpen: true, shutdown: false },
  { data: nothing, ended: nothing, drained: nothing, closed: nothing },
);

const tell = (event: unknown): number => events.write(`${JSON.stringify(event)}\n`);

const objects = new Map<number, object>();
const numbers = new WeakMap<object, number>();
let lastNumber = 0;
const nextNumber = (): number => {
  lastNumber += 1;
  return lastNumber;
};

const numberOf = (value: object): number => {
  const known = numbers.get(value);
  if (known !== undefined) return known;
  const number = nextNumber();
  numbers.set(value, number);
  objects.set(number, value);
  return number;
};

/** The events that the test attaches to a connection when it hears of it. */
const eventsOf = (result: number): Record<string, unknown> =>
  Object.fromEntries(
    ['data', 'ended', 'drained', 'closed'].map((method) => [
      method,
      (...args: readonly unknown[]) => tell({ number: result, method, args: codec.toWire(args) }),
    ]),
  );

const codec = makeCodec({
  numberOf,
  standIn: (number, methods, fields) => {
    const call =
      (method: string | null) =>
      (...args: readonly unknown[]): unknown => {
        // Only a function alone gives something back, and that is the events of a connection.
        const result = nextNumber();
        tell({ number, method, args: codec.toWire(args), result });
        return method === null ? eventsOf(result) : undefined;
      };
    if (methods.length === 0) return call(null);
    return { ...fields, ...Object.fromEntries(methods.map((name) => [name, call(name)])) };
  },
});

const tls = 'tlsSession' in native ? quickjsTls : undefined;
objects.set(0, makeQuickjsPlatform(loop, signals, tls));

/** `path` leads from an object to a function in it: of the platform, "files" and then "open". */
const callFunction = (
  number: unknown,
  path: readonly unknown[],
  args: readonly unknown[],
): unknown => {
  let owner: unknown;
  let found: unknown = objects.get(Number(number));
  for (const name of path) {
    owner = found;
    found = isRecord(owner) ? owner[String(name)] : undefined;
  }
  return typeof found === 'function' ? Reflect.apply(found, owner, args) : found;
};

const settleLater = (promise: Promise<unknown>): unknown => {
  const settled = nextNumber();
  void promise.then((value) => tell({ settled, value: codec.toWire(value) }));
  return { promise: settled };
};

const answer = (line: string): unknown => {
  const call: unknown = JSON.parse(line);
  if (!isRecord(call)) return { thrown: 'no call' };
  try {
    const args = listOf(codec.fromWire(call['args']));
    const value = callFunction(call['number'], listOf(call['path']), args);
    return value instanceof Promise ? settleLater(value) : { value: codec.toWire(value) };
  } catch (error) {
    return { thrown: String(error) };
  }
};

const writeAnswer = (wire: unknown): void => {
  const bytes = native.encodeUtf8(`${JSON.stringify(wire)}\n`);
  for (let written = 0; written < bytes.length;) {
    written += Math.max(0, native.write(answers, bytes, written));
  }
};

signals.onSignal((name) => {
  if (name !== 'SIGCHLD') native.exit(0);
});

let pieces: string[] = [];
loop.watch(calls, READABLE, () => {
  const chunk = native.receive(calls, MOST_BYTES);
  if (typeof chunk === 'number') return;
  // JSON as the test writes it is ASCII, so no character is cut.
  for (const [index, piece] of native.decodeLatin1(chunk).split('\n').entries()) {
    if (index > 0) {
      const line = pieces.join('');
      pieces = [];
      writeAnswer(answer(line));
    }
    pieces.push(piece);
  }
});
