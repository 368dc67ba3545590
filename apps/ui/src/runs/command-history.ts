/** The command lines that were typed in this browser, newest last, as shells keep them. */
import { readStored, writeStored } from '../state/preferences.ts';

export interface CommandHistory {
  all(): readonly string[];
  add(line: string): void;
  forget(): void;
}

const MOST_LINES = 200;
const MOST_CHARACTERS = 2_000;

const parse = (text: string | null): readonly string[] => {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(value)) return [];
    return value.filter((line) => typeof line === 'string').slice(-MOST_LINES);
  } catch {
    return [];
  }
};

/** @param who each who signs in has their own: what is typed may be nobody else's business */
export const makeCommandHistory = (
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  who: string,
): CommandHistory => {
  const key = `innkeeper.commands.${who}`;
  const all = (): readonly string[] => parse(readStored(storage, key));
  return {
    all,
    add: (line) => {
      if (line === '' || line.length > MOST_CHARACTERS) return;
      const lines = [...all().filter((known) => known !== line), line];
      writeStored(storage, key, JSON.stringify(lines.slice(-MOST_LINES)));
    },
    forget: () => writeStored(storage, key, '[]'),
  };
};

export interface HistoryWalk {
  /** Undefined: there is nothing further. `typed` is what stands there now. */
  older(typed: string): string | undefined;
  newer(): string | undefined;
}

/** Up and down through lines; what was being typed comes back at the end. */
export const walkHistory = (lines: readonly string[]): HistoryWalk => {
  let at = lines.length;
  let draft = '';
  return {
    older: (typed) => {
      if (at === 0) return undefined;
      if (at === lines.length) draft = typed;
      at -= 1;
      return lines[at];
    },
    newer: () => {
      if (at >= lines.length) return undefined;
      at += 1;
      return at === lines.length ? draft : lines[at];
    },
  };
};
