/**
 * A platform that is really in another process: the native binary with `driver.ts` in it. Calls wait
 * for their answer as those of a platform in this process do; what happens meanwhile comes later.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import { isRecord, listOf, makeCodec } from './codec.ts';

export interface NativePlatform {
  readonly platform: Platform;
  readonly pid: number;
  stop(): Promise<void>;
}

const ANSWER_MS = 10_000;
/** Behind a launcher, which may be valgrind. */
const SLOW_ANSWER_MS = 100_000;
const LINE_END = 10;

const FUNCTIONS = {
  files: [
    'open',
    'openPipe',
    'openBytes',
    'openFolder',
    'openPort',
    'readText',
    'list',
    'readLink',
    'realPath',
    'exists',
    'statfs',
    'statfsAside',
  ],
  network: ['listen', 'connect'],
  processes: ['spawn', 'signal'],
  clock: ['nowMs', 'monotonicMs', 'after', 'zone'],
  crypto: ['verifyEd25519', 'signEd25519', 'publicKeyOf', 'sha256', 'random'],
  text: ['encodeUtf8', 'utf8Length', 'decodeUtf8', 'decodeLatin1'],
  machine: ['interfaceAddresses'],
  unpacking: ['zstd'],
} satisfies Record<Exclude<keyof Platform, 'tls'>, readonly string[]>;

/** Whether what is behind it is a platform is what the tests ask. */
const platformSchema = z.custom<Platform>(isRecord);

const toAscii = (json: string): string =>
  json.replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Waits with the whole process, as a call does. */
const sleepSync = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/** One answer for each call, hence nothing behind the end of a line. */
const readLineSync = (descriptor: number, answerMs: number): string => {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  const chunks: Buffer[] = [];
  const until = performance.now() + answerMs;
  for (;;) {
    try {
      const count = readSync(descriptor, buffer);
      chunks.push(Buffer.from(buffer.subarray(0, count)));
      if (buffer[count - 1] === LINE_END) return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      const isEmpty = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!isEmpty || performance.now() > until) throw error;
      sleepSync(0.05);
    }
  }
};

interface Wires {
  readonly calls: number;
  readonly answers: number;
  readonly answerMs: number;
}

const makeCaller = ({ calls, answers, answerMs }: Wires) => {
  const functions = new Map<number, unknown>();
  const standIns = new Map<number, unknown>();
  const waiting = new Map<unknown, (value: unknown) => void>();
  /** Below 0: the other side counts upwards. */
  let lastNumber = 0;

  const ask = (number: number, path: readonly string[], args: readonly unknown[]): unknown => {
    const call = { number, path, args: codec.toWire(args) };
    writeSync(calls, `${toAscii(JSON.stringify(call))}\n`);
    const answer: unknown = JSON.parse(readLineSync(answers, answerMs));
    if (!isRecord(answer)) throw new Error('no answer');
    if (answer['thrown'] !== undefined) throw new Error(JSON.stringify(answer['thrown']));
    const { promise, value } = answer;
    if (promise === undefined) return codec.fromWire(value);
    return new Promise((resolve) => waiting.set(promise, resolve));
  };

  const codec = makeCodec({
    numberOf: (value) => {
      lastNumber -= 1;
      functions.set(lastNumber, value);
      return lastNumber;
    },
    standIn: (number, methods, fields) => {
      const known = standIns.get(number);
      if (known !== undefined) return known;
      const made =
        methods.length === 0
          ? (...args: readonly unknown[]) => ask(number, [], args)
          : {
              ...fields,
              ...Object.fromEntries(
                methods.map((name) => [
                  name,
                  (...args: readonly unknown[]) => ask(number, [name], args),
                ]),
              ),
            };
      standIns.set(number, made);
      return made;
    },
  });

  const hear = (line: string): void => {
    const event: unknown = JSON.parse(line);
    if (!isRecord(event)) return;
    const { settled, value, number, method, args, result } = event;
    if (settled !== undefined) {
      waiting.get(settled)?.(codec.fromWire(value));
      waiting.delete(settled);
      return;
    }
    const owner = functions.get(Number(number));
    const found = typeof method === 'string' && isRecord(owner) ? owner[method] : owner;
    if (typeof found !== 'function') return;
    const given: unknown = Reflect.apply(found, owner, listOf(codec.fromWire(args)));
    if (isRecord(given)) functions.set(Number(result), given);
  };

  return { ask, hear };
};

type Ask = ReturnType<typeof makeCaller>['ask'];

const assemble = (ask: Ask): Platform => {
  const groups = Object.entries(FUNCTIONS).map(([group, names]): [string, object] => [
    group,
    Object.fromEntries(
      names.map((name) => [name, (...args: readonly unknown[]) => ask(0, [group, name], args)]),
    ),
  ]);
  const facts = ['architecture', 'pageSizeBytes', 'pid', 'uid'].map((name): [string, unknown] => [
    name,
    ask(0, ['machine', name], []),
  ]);
  const made = new Map(groups);
  made.set('machine', { ...made.get('machine'), ...Object.fromEntries(facts) });
  // Only one of the builds has it.
  return platformSchema.parse({ ...Object.fromEntries(made), tls: ask(0, ['tls'], []) });
};

/**
 * @param program the native binary with the driver in it
 * @param launcher put before it; what runs then has the same process id
 */
export const startNativePlatform = (
  program: string,
  launcher: readonly string[] = [],
): NativePlatform => {
  const folder = mkdtempSync(join(tmpdir(), 'native-platform-'));
  const paths = ['calls', 'answers', 'events'].map((name) => join(folder, name));
  execFileSync('mkfifo', paths);
  const [calls = -1, answers = -1, events = -1] = paths.map((path, index) =>
    openSync(path, constants.O_RDWR | (index === 0 ? 0 : constants.O_NONBLOCK)),
  );
  const answerMs = launcher.length === 0 ? ANSWER_MS : SLOW_ANSWER_MS;
  const [file = '', ...args] = [...launcher, program, ...paths];
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const { ask, hear } = makeCaller({ calls, answers, answerMs });
  const socket = new Socket({ fd: events, readable: true, writable: false });
  const lines = createInterface({ input: socket }).on('line', hear);
  return {
    platform: assemble(ask),
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'close');
      lines.close();
      socket.destroy();
      closeSync(calls);
      closeSync(answers);
      rmSync(folder, { recursive: true });
    },
  };
};
