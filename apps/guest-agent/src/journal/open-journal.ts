/** Opens one journal file of the machine. */
import {
  decompress,
  openJournalFile,
  type JournalFile,
  type JournalProblem,
} from '@innkeeper/journal';
import type { ByteFile, Files, TextCodec } from '../platform/platform.ts';
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

export const makeOpenJournal = (files: Files, text: TextCodec): OpenJournal => {
  const decodeField = makeFieldDecoder(text);
  return (path) => {
    const opened = files.openBytes(path);
    if (!opened.ok) return { ok: false, code: opened.error.code, problem: undefined };
    const bytes = opened.value;
    const journal = openJournalFile({
      source: bytes,
      decompress,
      decodeField,
      isSmall: ({ json }) => json.length <= MAX_KEPT_CHARACTERS,
      share: (fields: readonly JournalField[]) => shareFields(fields),
      keyOf: (key) => text.decodeLatin1(key),
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
