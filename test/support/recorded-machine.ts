/**
 * The platform of a machine that scripts/record-proc.sh recorded. Its clock stands still unless it
 * is told otherwise, so that everything the agent says of the machine is the same each time.
 *
 * A name of the machine that is no portable file name is percent-encoded in the tree. Files that
 * cannot be read on the machine are not in the tree, so any refusal becomes "no such file".
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodePlatform } from '../../apps/guest-agent/src/platform/node/platform.ts';
import type {
  Files,
  FilesystemSpace,
  InterfaceAddress,
  Network,
  Outcome,
  Platform,
} from '../../apps/guest-agent/src/platform/platform.ts';
import { makeFakeClock, type FakeClock } from '../../apps/guest-agent/src/testing/fake-clock.ts';

export interface RecordedMachine {
  readonly platform: Platform;
  readonly clock: FakeClock;
  /** Lets as much time pass as the recording has between its files and those of `later/`. */
  letTimePass(): void;
}

const LATER_MS = 15_000;
/** The agent looks at CPU times each second; the last look has to see the later ones. */
const LAST_LOOK_MS = 1_000;

const failed = (code: string, message: string): Outcome<never> => ({
  ok: false,
  error: { code, message },
});

const rowsOf = (path: string): readonly (readonly string[])[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));

/** `/run/udev/data/b8:0` is a file name as it is; a quote or an escape character is not. */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replaceAll('%3A', ':').replaceAll('%40', '@');

const unescapeMountPoint = (escaped: string): string =>
  escaped.replaceAll(/\\([0-7]{3})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );

type Space = Outcome<FilesystemSpace> | 'hangs';

const spaceOf = (path: string, columns: readonly string[]): Space => {
  if (columns[0] === 'hangs') return 'hangs';
  if (columns[0] === 'error') {
    return failed('EACCES', `EACCES: permission denied, statfs '${path}'`);
  }
  const numbers = columns.map(Number);
  const [blockSize, blocks, blocksFree, blocksAvailable, files, filesFree] = numbers;
  if (blockSize === undefined || blocks === undefined || blocksFree === undefined) {
    throw new Error(`statfs.tsv says too little of ${path}`);
  }
  if (blocksAvailable === undefined || files === undefined || filesFree === undefined) {
    throw new Error(`statfs.tsv says too little of ${path}`);
  }
  return {
    ok: true,
    value: { blockSize, blocks, blocksFree, blocksAvailable, files, filesFree },
  };
};

const readSpaces = (root: string): ReadonlyMap<string, Space> =>
  new Map(
    rowsOf(join(root, 'statfs.tsv')).map(([escaped = '', ...columns]) => {
      const path = unescapeMountPoint(escaped);
      return [path, spaceOf(path, columns)];
    }),
  );

const makeRecordedFiles = (root: string, isLater: () => boolean): Files => {
  const spaces = readSpaces(root);

  const placeOf = (path: string, folder: string): string =>
    join(folder, path.split('/').map(encodeName).join('/'));

  const resolve = (path: string): string => {
    const later = placeOf(path, join(root, 'later'));
    return isLater() && existsSync(later) ? later : placeOf(path, root);
  };

  /** The machine does not know under which folder it was recorded. */
  const asOnMachine = <Value>(path: string, outcome: Outcome<Value>): Outcome<Value> =>
    outcome.ok
      ? outcome
      : failed(outcome.error.code, outcome.error.message.replace(resolve(path), path));

  const readText: Files['readText'] = (path, options) =>
    asOnMachine(path, nodePlatform.files.readText(resolve(path), options));

  const spaceAt = (path: string): Space =>
    spaces.get(path) ?? failed('ENOENT', `ENOENT: no such file or directory, statfs '${path}'`);

  return {
    readText,
    open: (path, options) => {
      const first = readText(path, options);
      if (!first.ok) return first;
      return {
        ok: true,
        value: { read: () => readText(path, options), close: () => undefined },
      };
    },
    realPath: (path) => ({ ok: true, value: path }),
    openBytes: (path) => failed('ENOENT', `ENOENT: no such file or directory, open '${path}'`),
    openPipe: (path) => failed('ENOENT', `ENOENT: no such file or directory, open '${path}'`),
    openFolder: (path) => failed('ENOENT', `ENOENT: no such file or directory, open '${path}'`),
    openPort: (path) => failed('ENOENT', `ENOENT: no such file or directory, open '${path}'`),
    list: (path) => {
      // Few files are recorded again later, and none of them is a new one.
      const folder = placeOf(path, root);
      if (!existsSync(folder)) {
        return failed('ENOENT', `ENOENT: no such file or directory, scandir '${path}'`);
      }
      const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
      const inOrder = new Intl.Collator('en', { numeric: true });
      return {
        ok: true,
        value: names.map(decodeURIComponent).sort((a, b) => inOrder.compare(a, b)),
      };
    },
    readLink: (path) => failed('EINVAL', `EINVAL: invalid argument, readlink '${path}'`),
    exists: (path) => existsSync(placeOf(path, root)),
    statfs: (path) => {
      const space = spaceAt(path);
      if (space === 'hangs') throw new Error(`the agent would hang for ever on ${path}`);
      return space;
    },
    statfsAside: (path, done) => {
      const space = spaceAt(path);
      if (space !== 'hangs') queueMicrotask(() => done(space));
    },
  };
};

const addressOf = ([, device, family, address, prefixLength]: readonly string[]):
  | InterfaceAddress
  | undefined => {
  if (device === undefined || address === undefined) return undefined;
  if (family !== 'ipv4' && family !== 'ipv6') return undefined;
  return { device, family, address, prefixLength: Number(prefixLength) };
};

export const makeRecordedMachine = (root: string, network: Network): RecordedMachine => {
  const rows = rowsOf(join(root, 'machine.tsv'));
  const fact = (name: string): string => {
    const value = rows.find(([key]) => key === name)?.[1];
    if (value === undefined) throw new Error(`machine.tsv of ${root} does not say ${name}`);
    return value;
  };
  const addresses = rows
    .filter(([key]) => key === 'address')
    .map(addressOf)
    .filter((address) => address !== undefined);
  const clock = makeFakeClock();
  clock.setWallClock(Number(fact('recorded_at_ms')));
  let later = false;
  return {
    clock,
    platform: {
      files: makeRecordedFiles(root, () => later),
      network,
      processes: {
        signal: () => undefined,
        spawn: async () => failed('ENOSYS', 'nothing can be started on a recording'),
      },
      clock,
      crypto: nodePlatform.crypto,
      text: nodePlatform.text,
      unpacking: { zstd: () => undefined },
      machine: {
        architecture: fact('architecture'),
        pageSizeBytes: Number(fact('page_size_bytes')),
        pid: 1000,
        uid: 0,
        interfaceAddresses: () => ({ ok: true, value: addresses }),
      },
    },
    letTimePass: () => {
      clock.advance(LATER_MS - LAST_LOOK_MS);
      later = true;
      clock.advance(LAST_LOOK_MS);
    },
  };
};
