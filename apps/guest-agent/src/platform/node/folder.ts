/**
 * Folders that stay open. Node has no openat(2), so names are reached through the descriptor of
 * their folder, /proc/self/fd/N/name: the kernel goes straight to the open folder, whatever has
 * become of the path that led there.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import type { Done, FileFacts, Folder, NewFile, OpenedFile, Outcome } from '../platform.ts';
import { failure } from './failure.ts';
import { openPlain, REGULAR } from './open-plain.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const ENTERED = FOLDER | constants.O_NOFOLLOW;
const CREATED = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const attempt = <Value>(action: () => Value): Outcome<Value> => {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    return failure(error);
  }
};

const done = (action: () => void): Done =>
  attempt(() => {
    action();
    return undefined;
  });

const kindOf = (stats: Stats): FileFacts['kind'] => {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
};

const factsOf = (stats: Stats): FileFacts => ({
  kind: kindOf(stats),
  sizeBytes: stats.size,
  mode: stats.mode & 0o7777,
  uid: stats.uid,
  gid: stats.gid,
  modifiedMs: Math.floor(stats.mtimeMs),
});

const openedFile = (descriptor: number, stats: Stats): OpenedFile => ({
  facts: factsOf(stats),
  readAt: (offset, length) =>
    attempt(() => {
      const bytes = Buffer.allocUnsafe(length);
      let count = 0;
      while (count < length) {
        const more = readSync(descriptor, bytes, count, length - count, offset + count);
        if (more === 0) break;
        count += more;
      }
      return bytes.subarray(0, count);
    }),
  close: () => closeSync(descriptor),
});

const newFile = (descriptor: number): NewFile => ({
  write: (bytes) =>
    done(() => {
      let count = 0;
      while (count < bytes.length) count += writeSync(descriptor, bytes, count);
    }),
  setMode: (mode) => done(() => fchmodSync(descriptor, mode)),
  setOwner: (uid, gid) => done(() => fchownSync(descriptor, uid, gid)),
  sync: () => done(() => fsyncSync(descriptor)),
  close: () => closeSync(descriptor),
});

/** ENOTDIR is what O_NOFOLLOW makes of a link where O_DIRECTORY stands beside it. */
const enter = (path: string): number => {
  try {
    return openSync(path, ENTERED);
  } catch (error) {
    if (failure(error).error.code !== 'ENOTDIR' || !lstatSync(path).isSymbolicLink()) throw error;
    throw Object.assign(new Error('ELOOP: a symbolic link'), { code: 'ELOOP' });
  }
};

const folderOf = (descriptor: number): Folder => {
  const at = (name: string): string => {
    if (name === '' || name === '.' || name === '..' || name.includes('/')) {
      throw new Error(`not the name of a file in a folder: ${JSON.stringify(name)}`);
    }
    return `/proc/self/fd/${descriptor}/${name}`;
  };
  return {
    list: () => attempt(() => readdirSync(`/proc/self/fd/${descriptor}`)),
    facts: (name) => attempt(() => factsOf(lstatSync(at(name)))),
    enter: (name) => attempt(() => folderOf(enter(at(name)))),
    open: (name) =>
      attempt(() => {
        const opened = openPlain(at(name), REGULAR);
        return openedFile(opened.descriptor, opened.stats);
      }),
    create: (name, mode) => attempt(() => newFile(openSync(at(name), CREATED, mode))),
    makeFolder: (name, mode) => done(() => mkdirSync(at(name), { mode })),
    rename: (from, to) => done(() => renameSync(at(from), at(to))),
    remove: (name) => done(() => unlinkSync(at(name))),
    sync: () => done(() => fsyncSync(descriptor)),
    close: () => closeSync(descriptor),
  };
};

/** Throws what Node throws. */
export const openFolder = (path: string): Folder => folderOf(openSync(path, FOLDER));
