/** Opens one journal file of the machine. */
import {
  decompress,
  openJournalFile,
  type JournalFile,
  type JournalProblem,
} from '@innkeeper/journal';
import type { ByteFile, Files, TextCodec, Unpacking } from '../platform/platform.ts';
import { makeFieldDecoder, type JournalField } from './journal-field.ts';
import { shareFields, type SharedFields } from './shared-fields.ts';

export interface HeldJournal {
  readonly file: JournalFile<JournalField, SharedFields>;
  place(): ReturnType<ByteFile['place']>;
  close(): void;
}

export type OpenJournal = (
  path: string,
) =>
  | { readonly ok: true; readonly held: HeldJournal }
  | { readonly ok: false; readonly code: string; readonly problem: JournalProblem | undefined };

/** What a program's lines have in common is some hundreds. */
const MAX_KEPT_CHARACTERS = 8 * 1024;

export interface OpenJournalDependencies {
  readonly files: Files;
  readonly text: TextCodec;
  readonly unpacking: Unpacking;
}

/** What the platform cannot do, or says is damaged, is for the decoder that both platforms have. */
const decompressWith =
  (unpacking: Unpacking): typeof decompress =>
  (compression, packed, maxBytes) =>
    (compression === 'zstd' ? unpacking.zstd(packed, maxBytes) : undefined) ??
    decompress(compression, packed, maxBytes);

export const makeOpenJournal = (dependencies: OpenJournalDependencies): OpenJournal => {
  const { files, text } = dependencies;
  const unpack = decompressWith(dependencies.unpacking);
  const decodeField = makeFieldDecoder(text);
  return (path) => {
    const opened = files.openBytes(path);
    if (!opened.ok) return { ok: false, code: opened.error.code, problem: undefined };
    const bytes = opened.value;
    const journal = openJournalFile({
      source: bytes,
      decompress: unpack,
      decodeField,
      isSmall: ({ json }) => json.length <= MAX_KEPT_CHARACTERS,
      share: (fields: readonly JournalField[]) => shareFields(fields),
      decodeLatin1: (from, start, end) => text.decodeLatin1(from, start, end),
    });
    if (!journal.ok) {
      bytes.close();
      return { ok: false, code: 'EINVAL', problem: journal.problem };
    }
    let isOpen = true;
    return {
      ok: true,
      held: {
        file: journal.file,
        place: () => bytes.place(),
        close: () => {
          if (isOpen) bytes.close();
          isOpen = false;
        },
      },
    };
  };
};
