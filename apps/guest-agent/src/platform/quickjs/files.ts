/** Files through plain system calls: /proc and /sys are answered from memory. */
import type { Files, OpenFile, Outcome, ReadOptions } from '../platform.ts';
import type { Aside } from './aside.ts';
import { openBytes } from './byte-file.ts';
import type { EventLoop } from './event-loop.ts';
import { failure, failWith, succeed } from './failure.ts';
import { openPlain, REGULAR } from './open-plain.ts';
import { openFolder } from './folder.ts';
import { makePipes } from './pipe.ts';
import { openPort } from './port.ts';
import { makeSpace } from './space.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_LONG_BYTES = 16 * MAX_BYTES;
const READ_ONLY = 0;

const openToRead = (path: string, options: ReadOptions | undefined): Outcome<number> => {
  if (options?.regularOnly === true) {
    const opened = openPlain(path, REGULAR);
    return opened.ok ? succeed(opened.value.descriptor) : opened;
  }
  const descriptor = native.open(path, READ_ONLY);
  return descriptor < 0 ? failure(descriptor, `open '${path}'`) : succeed(descriptor);
};

const readAll = (descriptor: number, options: ReadOptions | undefined): Outcome<string> => {
  const cut = options?.maxBytes !== undefined;
  const maxBytes = options?.maxBytes ?? (options?.long === true ? MAX_LONG_BYTES : MAX_BYTES);
  const text = native.readText(descriptor, maxBytes, options?.whole === true, cut);
  if (typeof text === 'string') return { ok: true, value: text };
  const failed = failure(text, 'read');
  return failed.error.code === 'E2BIG'
    ? failWith('E2BIG', `the file has more than ${maxBytes} bytes`, 'read')
    : failed;
};

const open = (path: string, options: ReadOptions | undefined): Outcome<OpenFile> => {
  const opened = openToRead(path, options);
  if (!opened.ok) return opened;
  const descriptor = opened.value;
  return succeed({
    read: () => readAll(descriptor, options),
    close: () => native.close(descriptor),
  });
};

const readText = (path: string, options: ReadOptions | undefined): Outcome<string> => {
  const opened = openToRead(path, options);
  if (!opened.ok) return opened;
  const outcome = readAll(opened.value, options);
  native.close(opened.value);
  return outcome;
};

const outcomeOf = <Value>(result: Value | number, call: string): Outcome<Value> =>
  typeof result === 'number' ? failure(result, call) : succeed(result);

export const makeFiles = (loop: EventLoop, aside: Aside): Files => ({
  open,
  openBytes,
  openPipe: makePipes(),
  openFolder,
  openPort,
  readText,
  list: (path) => outcomeOf(native.list(path), `scandir '${path}'`),
  realPath: (path) => outcomeOf(native.realPath(path), `realpath '${path}'`),
  readLink: (path) => outcomeOf(native.readLink(path), `readlink '${path}'`),
  exists: (path) => native.exists(path),
  ...makeSpace(loop, aside),
});
