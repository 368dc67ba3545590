/**
 * Folders that stay open. Names are reached through the descriptor of their folder,
 * /proc/self/fd/N/name: the kernel goes straight to the open folder, as openat(2) does, whatever has
 * become of the path that led there.
 */
import type { Done, FileFacts, Folder, NewFile, OpenedFile, Outcome } from '../platform.ts';
import { failure, failWith, succeed } from './failure.ts';
import type { Facts } from './native.ts';
import { openPlain, REGULAR } from './open-plain.ts';

/** open(2) */
const O_WRONLY = 0o1;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const { O_DIRECTORY, O_NOFOLLOW } = native;

/** inode(7) */
const KINDS: Readonly<Record<number, FileFacts['kind']>> = {
  0o100_000: 'file',
  0o040_000: 'folder',
  0o120_000: 'link',
};

const factsOf = ([type, mode, uid, gid, sizeBytes, modifiedMs]: Facts): FileFacts => ({
  kind: KINDS[type] ?? 'other',
  sizeBytes,
  mode,
  uid,
  gid,
  modifiedMs,
});

const done = (result: number, call: string): Done =>
  result < 0 ? failure(result, call) : succeed(undefined);

const readAt = (descriptor: number, offset: number, length: number): Outcome<Uint8Array> => {
  const bytes = new Uint8Array(length);
  let count = 0;
  while (count < length) {
    const more = native.readInto(descriptor, bytes.subarray(count), offset + count);
    if (more < 0) return failure(more, 'read');
    if (more === 0) break;
    count += more;
  }
  return succeed(count === length ? bytes : bytes.subarray(0, count));
};

const openedFile = (descriptor: number): Outcome<OpenedFile> => {
  const facts = native.facts(descriptor);
  if (typeof facts === 'number') {
    native.close(descriptor);
    return failure(facts, 'fstat');
  }
  return succeed({
    facts: factsOf(facts),
    readAt: (offset, length) => readAt(descriptor, offset, length),
    close: () => native.close(descriptor),
  });
};

const newFile = (descriptor: number): NewFile => ({
  write: (bytes) => {
    for (let written = 0; written < bytes.length;) {
      const count = native.write(descriptor, bytes, written);
      if (count < 0) return failure(count, 'write');
      written += count;
    }
    return succeed(undefined);
  },
  setMode: (mode) => done(native.setMode(descriptor, mode), 'fchmod'),
  setOwner: (uid, gid) => done(native.setOwner(descriptor, uid, gid), 'fchown'),
  sync: () => done(native.sync(descriptor), 'fsync'),
  close: () => native.close(descriptor),
});

const isName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('/');

/** ENOTDIR is what O_NOFOLLOW makes of a link where O_DIRECTORY stands beside it. */
const enter = (path: string): Outcome<Folder> => {
  const descriptor = native.open(path, O_DIRECTORY | O_NOFOLLOW);
  if (descriptor >= 0) return succeed(folderOf(descriptor));
  const call = `open '${path}'`;
  const facts = native.facts(path);
  const isLink = typeof facts !== 'number' && KINDS[facts[0]] === 'link';
  return isLink ? failWith('ELOOP', 'a symbolic link', call) : failure(descriptor, call);
};

function folderOf(descriptor: number): Folder {
  const own = `/proc/self/fd/${descriptor}`;
  /** A name that is none leads to a path that is none, hence to ENOENT. */
  const at = (name: string): string => (isName(name) ? `${own}/${name}` : '');

  const create = (name: string, mode: number): Outcome<NewFile> => {
    const path = at(name);
    const created = native.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (created < 0) return failure(created, `open '${path}'`);
    const permitted = native.setMode(created, mode);
    if (permitted === 0) return succeed(newFile(created));
    native.close(created);
    native.unlink(path);
    return failure(permitted, 'fchmod');
  };

  return {
    list: () => {
      const names = native.list(own);
      return typeof names === 'number' ? failure(names, 'scandir') : succeed(names);
    },
    facts: (name) => {
      const facts = native.facts(at(name));
      return typeof facts === 'number' ? failure(facts, 'lstat') : succeed(factsOf(facts));
    },
    enter: (name) => enter(at(name)),
    open: (name) => {
      const opened = openPlain(at(name), REGULAR);
      return opened.ok ? openedFile(opened.value.descriptor) : opened;
    },
    create,
    makeFolder: (name, mode) => done(native.makeFolder(at(name), mode), 'mkdir'),
    rename: (from, to) => done(native.rename(at(from), at(to)), 'rename'),
    remove: (name) => done(native.unlink(at(name)), 'unlink'),
    sync: () => done(native.sync(descriptor), 'fsync'),
    close: () => native.close(descriptor),
  };
}

export const openFolder = (path: string): Outcome<Folder> => {
  const descriptor = native.open(path, O_DIRECTORY);
  return descriptor < 0 ? failure(descriptor, `open '${path}'`) : succeed(folderOf(descriptor));
};
