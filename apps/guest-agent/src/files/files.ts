/** Files below the allowed folders, for HTTP and JSON-RPC alike. */
import type { FileList, FileWritten } from '@innkeeper/protocol';
import type { Log } from '../log.ts';
import type { Platform } from '../platform/platform.ts';
import { fileProblem, fileRefusal, type FileOutcome } from './file-problem.ts';
import { listFolder, modeText } from './list-folder.ts';
import { findPlace } from './place.ts';
import { readFile, type Range, type ReadBytes } from './read-file.ts';
import { writeFile } from './write-file.ts';

export interface GuestFiles {
  readonly maxBytes: number;
  read(
    path: string,
    range: Range | undefined,
    subject: string | undefined,
  ): FileOutcome<ReadBytes | FileList>;
  write(
    path: string,
    bytes: Uint8Array,
    options: { readonly mode: number | undefined; readonly makeFolders: boolean },
    subject: string | undefined,
  ): FileOutcome<FileWritten>;
}

export const makeGuestFiles = (dependencies: {
  readonly platform: Pick<Platform, 'files' | 'crypto' | 'machine'>;
  readonly prefixes: readonly string[];
  readonly maxBytes: number;
  readonly log: Log;
}): GuestFiles => {
  const { platform, prefixes, maxBytes, log } = dependencies;
  const { files, crypto, machine } = platform;

  const readPlace = (path: string, range: Range | undefined): FileOutcome<ReadBytes | FileList> => {
    const place = findPlace(files, prefixes, path);
    if (!place.ok) return place;
    const { folder, name } = place.value;
    try {
      if (name === undefined) return listFolder(folder, path);
      const facts = folder.facts(name);
      if (!facts.ok) return fileProblem(facts.error);
      if (facts.value.kind !== 'folder') return readFile({ folder, name }, range, maxBytes);
      const entered = folder.enter(name);
      if (!entered.ok) return fileProblem(entered.error);
      const list = listFolder(entered.value, path);
      entered.value.close();
      return list;
    } finally {
      folder.close();
    }
  };

  return {
    maxBytes,
    read: (path, range, subject) => {
      const outcome = readPlace(path, range);
      if (outcome.ok) log.info('file read', { path, subject: subject ?? null });
      return outcome;
    },
    write: (path, bytes, { mode, makeFolders }, subject) => {
      if (bytes.length > maxBytes) {
        return fileRefusal(413, 'too_large', `at most ${maxBytes} bytes (file_max_bytes)`);
      }
      const place = findPlace(files, prefixes, path, { makeFolders });
      if (!place.ok) return place;
      const { folder, name } = place.value;
      try {
        if (name === undefined) return fileRefusal(422, 'invalid', 'this is a folder');
        const own = { crypto, ownUid: machine.uid };
        const written = writeFile(own, { folder, name }, bytes, mode);
        if (!written.ok) return written;
        const { created } = written.value;
        const document = {
          path,
          size_bytes: bytes.length,
          mode: modeText(written.value.mode),
          created,
        };
        log.info('file written', { ...document, subject: subject ?? null });
        return { ok: true, value: document };
      } finally {
        folder.close();
      }
    },
  };
};
