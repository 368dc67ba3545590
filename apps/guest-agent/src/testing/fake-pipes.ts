/**
 * FIFOs and growing files in memory. A FIFO has the kernel's 64 KiB and takes up to PIPE_BUF bytes
 * as a whole or not at all; it remembers whether anybody has it open for writing.
 */
import type { Files, Pipe, PipeRead } from '../platform/platform.ts';
import { latin1Bytes } from './latin1-bytes.ts';

export interface FakeNode {
  /** False, and nothing is written, where there is no room. */
  write(text: string): boolean;
  /** A FIFO without writers reads as `end`. */
  setWriters(count: number): void;
  truncate(): void;
  /** Reading it fails from now on. */
  breakWith(code: string): void;
  waiting(): number;
}

export interface FakePipes {
  readonly openPipe: Files['openPipe'];
  fifo(path: string): FakeNode;
  file(path: string, text?: string): FakeNode;
  remove(path: string): void;
  refuse(path: string, code: string): void;
  opened(path: string): number;
  openCount(): number;
}

const CAPACITY = 64 * 1024;

interface Node extends FakeNode {
  readonly isFifo: boolean;
  readFrom(offset: number): PipeRead;
  size(): number;
}

const failure = (code: string, path: string) =>
  ({ ok: false, error: { code, message: `${code}: ${path}` } }) as const;

const makeNode = (isFifo: boolean, path: string, readBytes: number): Node => {
  let content = '';
  let writers = 1;
  let broken: string | undefined;

  const take = (offset: number): PipeRead | undefined => {
    const start = isFifo ? 0 : offset;
    const taken = content.slice(start, start + readBytes);
    if (taken === '') return undefined;
    if (isFifo) content = content.slice(taken.length);
    return { kind: 'data', bytes: latin1Bytes(taken), more: taken.length === readBytes };
  };

  return {
    isFifo,
    size: () => content.length,
    waiting: () => content.length,
    write: (text) => {
      if (isFifo && content.length + text.length > CAPACITY) return false;
      content += text;
      return true;
    },
    setWriters: (count) => {
      writers = count;
    },
    truncate: () => {
      content = '';
    },
    breakWith: (code) => {
      broken = code;
    },
    readFrom: (offset) => {
      if (broken !== undefined) return { kind: 'error', error: failure(broken, path).error };
      const taken = take(offset);
      if (taken !== undefined) return taken;
      if (isFifo) return { kind: writers === 0 ? 'end' : 'empty' };
      return { kind: content.length < offset ? 'truncated' : 'empty' };
    },
  };
};

/** `readBytes`: how much one read gives at most. */
export const makeFakePipes = (readBytes = CAPACITY): FakePipes => {
  const nodes = new Map<string, Node>();
  const refusals = new Map<string, string>();
  const openings = new Map<string, number>();
  let open = 0;

  const create = (isFifo: boolean, path: string, text: string): FakeNode => {
    const node = makeNode(isFifo, path, readBytes);
    node.write(text);
    nodes.set(path, node);
    refusals.delete(path);
    return node;
  };

  const pipeOver = (path: string, node: Node, start: number): Pipe => {
    let offset = start;
    let closed = false;
    return {
      read: () => {
        if (closed) throw new Error(`read after close: ${path}`);
        const outcome = node.readFrom(offset);
        if (outcome.kind === 'data') offset += outcome.bytes.length;
        if (outcome.kind === 'truncated') offset = 0;
        return outcome;
      },
      place: () => {
        const there = nodes.get(path);
        if (there === undefined) return 'nowhere';
        return there === node ? 'same' : 'another';
      },
      close: () => {
        if (closed) throw new Error(`closed twice: ${path}`);
        closed = true;
        open -= 1;
      },
    };
  };

  return {
    openPipe: (path, options) => {
      openings.set(path, (openings.get(path) ?? 0) + 1);
      const refusal = refusals.get(path);
      if (refusal !== undefined) return failure(refusal, path);
      const node = nodes.get(path);
      if (node === undefined) return failure('ENOENT', path);
      open += 1;
      const skips = options?.skipExisting === true && !node.isFifo;
      return { ok: true, value: pipeOver(path, node, skips ? node.size() : 0) };
    },
    fifo: (path) => create(true, path, ''),
    file: (path, text = '') => create(false, path, text),
    remove: (path) => {
      nodes.delete(path);
    },
    refuse: (path, code) => {
      refusals.set(path, code);
    },
    opened: (path) => openings.get(path) ?? 0,
    openCount: () => open,
  };
};
