/**
 * Files in memory. A file can hold text or an error, can be unplugged (as sysfs does with a device
 * that goes: descriptors that are open fail from then on) and can be replaced (as editors do:
 * descriptors that are open keep the old text). Counts what is open, so that a leak shows.
 */
import type {
  ByteFile,
  Files,
  FilesystemSpace,
  Outcome,
  PlatformError,
  ReadOptions,
} from '../platform/platform.ts';

export interface FakeFiles extends Files {
  /** Creates the file, or changes it in place. */
  set(path: string, text: string): void;
  replace(path: string, text: string): void;
  unplug(path: string): void;
  /** A FIFO to which nobody writes: who opens it as a file waits for ever. */
  fifo(path: string): void;
  /** A symbolic link, as /proc/<pid>/exe is one. */
  link(path: string, target: string): void;
  /** From now on opening and reading it fails like this. */
  fail(path: string, code: string): void;
  setSpace(path: string, space: FilesystemSpace | PlatformError | 'never'): void;
  /** A server comes back: all questions that were never answered get this answer. */
  answer(path: string, outcome: Outcome<FilesystemSpace>): void;
  pathsBelow(folder: string): readonly string[];
  openCount(): number;
  readCount(path: string): number;
  asked(path: string): number;
}

interface Inode {
  readonly number: number;
  text: string;
  isFifo?: boolean;
  error: PlatformError | undefined;
}

type Done = (outcome: Outcome<FilesystemSpace>) => void;

const problem = (code: string, path: string): PlatformError => ({
  code,
  message: `${code}: ${path}`,
});

const refused = (error: PlatformError): { readonly ok: false; readonly error: PlatformError } => ({
  ok: false,
  error,
});

export const SPACE: FilesystemSpace = {
  blockSize: 4096,
  blocks: 1000,
  blocksFree: 600,
  blocksAvailable: 500,
  files: 200,
  filesFree: 150,
};

const fakeSpaces = () => {
  const spaces = new Map<string, FilesystemSpace | PlatformError | 'never'>();
  const unanswered = new Map<string, Done[]>();
  const asked = new Map<string, number>();

  const outcomeOf = (path: string): Outcome<FilesystemSpace> | 'never' => {
    asked.set(path, (asked.get(path) ?? 0) + 1);
    const space = spaces.get(path);
    if (space === 'never') return space;
    if (space === undefined) return refused(problem('ENOENT', path));
    return 'code' in space ? refused(space) : { ok: true, value: space };
  };

  return {
    setSpace: (path: string, space: FilesystemSpace | PlatformError | 'never'): void => {
      spaces.set(path, space);
    },
    answer: (path: string, outcome: Outcome<FilesystemSpace>): void => {
      const waiting = unanswered.get(path) ?? [];
      unanswered.delete(path);
      for (const done of waiting) done(outcome);
    },
    asked: (path: string): number => asked.get(path) ?? 0,
    statfs: (path: string): Outcome<FilesystemSpace> => {
      const outcome = outcomeOf(path);
      if (outcome === 'never') throw new Error(`the agent would hang here: statfs ${path}`);
      return outcome;
    },
    statfsAside: (path: string, done: Done): void => {
      const outcome = outcomeOf(path);
      if (outcome === 'never') unanswered.set(path, [...(unanswered.get(path) ?? []), done]);
      else queueMicrotask(() => done(outcome));
    },
  };
};

/** Replaces the first link that leads on, again and again; undefined for a loop. */
const followLinks = (links: ReadonlyMap<string, string>, path: string): string | undefined => {
  let real = path;
  for (let followed = 0; followed < 40; followed += 1) {
    const parts = real.split('/');
    const heads = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const head = heads.find((one) => links.has(one));
    const target = head === undefined ? undefined : links.get(head);
    if (head === undefined || target === undefined) return real;
    real = `${target}${real.slice(head.length)}`;
  }
  return undefined;
};

export const makeFakeFiles = (initial: Readonly<Record<string, string>> = {}): FakeFiles => {
  const inodes = new Map<string, Inode>();
  const reads = new Map<string, number>();
  const links = new Map<string, string>();
  let open = 0;
  let inodeCount = 0;
  const newInode = (text: string): Inode => ({ number: (inodeCount += 1), text, error: undefined });
  const create = (path: string, text: string): void => {
    inodes.set(path, newInode(text));
  };
  for (const [path, text] of Object.entries(initial)) create(path, text);

  const lookUp = (path: string): Outcome<Inode> => {
    const inode = inodes.get(path);
    if (inode === undefined) return refused(problem('ENOENT', path));
    return inode.error === undefined ? { ok: true, value: inode } : refused(inode.error);
  };

  const lookUpToRead = (path: string, options: ReadOptions | undefined): Outcome<Inode> => {
    const isRegularOnly = options?.regularOnly === true;
    if (isRegularOnly && links.has(path)) return refused(problem('ELOOP', path));
    const found = lookUp(path);
    if (!found.ok || found.value.isFifo !== true) return found;
    if (isRegularOnly) return refused(problem('EINVAL', path));
    throw new Error(`the agent would hang here: open ${path}`);
  };

  const readInode = (
    path: string,
    inode: Inode,
    options: ReadOptions | undefined,
  ): Outcome<string> => {
    reads.set(path, (reads.get(path) ?? 0) + 1);
    if (inode.error !== undefined) return refused(inode.error);
    const limit = (options?.long === true ? 16 : 1) * 1024 * 1024;
    if (options?.maxBytes === undefined && inode.text.length > limit) {
      return refused(problem('E2BIG', path));
    }
    return { ok: true, value: inode.text.slice(0, options?.maxBytes) };
  };

  const children = (path: string): readonly string[] => {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    const names = [...inodes.keys(), ...links.keys()]
      .filter((known) => known.startsWith(prefix))
      .map((known) => known.slice(prefix.length).split('/')[0] ?? '');
    return [...new Set(names)];
  };

  const isThere = (path: string): boolean => inodes.has(path) || children(path).length > 0;

  const bytesOf = (path: string, inode: Inode, onClosed: () => void): ByteFile => {
    let closed = false;
    return {
      identity: `fa-${inode.number.toString(16)}`,
      readAt: (offset, length) =>
        closed
          ? new Uint8Array(0)
          : Buffer.from(inode.text, 'latin1').subarray(offset, offset + length),
      size: () => inode.text.length,
      place: () => {
        const there = inodes.get(path);
        if (there === undefined) return 'nowhere';
        return there === inode ? 'same' : 'another';
      },
      close: () => {
        if (closed) throw new Error(`closed twice: ${path}`);
        closed = true;
        onClosed();
      },
    };
  };

  return {
    ...fakeSpaces(),
    open: (path, options) => {
      const found = lookUpToRead(path, options);
      if (!found.ok) return found;
      let closed = false;
      open += 1;
      return {
        ok: true,
        value: {
          read: () => {
            if (closed) throw new Error(`read after close: ${path}`);
            return readInode(path, found.value, options);
          },
          close: () => {
            if (closed) throw new Error(`closed twice: ${path}`);
            closed = true;
            open -= 1;
          },
        },
      };
    },
    openPipe: (path) => refused(problem('ENOENT', path)),
    openBytes: (path) => {
      const found = lookUpToRead(path, { regularOnly: true });
      if (!found.ok) return found;
      open += 1;
      return { ok: true, value: bytesOf(path, found.value, () => (open -= 1)) };
    },
    readText: (path, options) => {
      const found = lookUpToRead(path, options);
      return found.ok ? readInode(path, found.value, options) : found;
    },
    list: (path) => {
      const inode = inodes.get(path);
      if (inode?.error !== undefined) return refused(inode.error);
      const names = children(path);
      return names.length === 0 ? refused(problem('ENOENT', path)) : { ok: true, value: names };
    },
    readLink: (path) => {
      const error = inodes.get(path)?.error;
      if (error !== undefined) return refused(error);
      const target = links.get(path);
      if (target !== undefined) return { ok: true, value: target };
      return refused(problem(isThere(path) ? 'EINVAL' : 'ENOENT', path));
    },
    realPath: (path) => {
      const real = followLinks(links, path);
      if (real === undefined) return refused(problem('ELOOP', path));
      const error = inodes.get(real)?.error;
      if (error !== undefined) return refused(error);
      return isThere(real) ? { ok: true, value: real } : refused(problem('ENOENT', path));
    },
    exists: isThere,
    openFolder: (path) => refused(problem('ENOSYS', path)),
    openPort: (path) => refused(problem('ENOSYS', path)),
    set: (path, text) => {
      const inode = inodes.get(path);
      if (inode === undefined) return create(path, text);
      inode.text = text;
      inode.error = undefined;
      return undefined;
    },
    fifo: (path) => {
      inodes.set(path, { ...newInode(''), isFifo: true });
    },
    link: (path, target) => {
      links.set(path, target);
    },
    replace: create,
    unplug: (path) => {
      const inode = inodes.get(path);
      if (inode !== undefined) inode.error = problem('ENODEV', path);
      inodes.delete(path);
      links.delete(path);
    },
    fail: (path, code) => {
      const inode = inodes.get(path) ?? newInode('');
      inode.error = problem(code, path);
      inodes.set(path, inode);
    },
    pathsBelow: (folder) =>
      [...inodes.keys(), ...links.keys()].filter((path) => path.startsWith(`${folder}/`)),
    openCount: () => open,
    readCount: (path) => reads.get(path) ?? 0,
  };
};
