/**
 * A log file and the one that takes its name. A daemon writes on to the old one until it is told to
 * open its log again, so the new one's turn comes when something stands in it.
 */
import type { ByteFile, Files } from '../platform/platform.ts';
import { openAllowed } from './allowed-path.ts';
import { makeFileLines, type FileLines } from './file-lines.ts';

interface Held {
  readonly file: ByteFile;
  readonly lines: FileLines;
}

export interface RotatedFile {
  current(): Held;
  /** Whether another file is known that has its name now. */
  isRenamed(): boolean;
  /** Looks for it, and whether something stands in it. */
  hasSuccessor(): boolean;
  /** Leaves the current file for that one. */
  goOn(): void;
  /** To the file of that identity, if it is the one that was renamed last. */
  goBackTo(identity: string): boolean;
  close(): void;
}

interface Place {
  readonly files: Files;
  readonly folders: readonly string[];
  readonly path: string;
}

const hold = (file: ByteFile): Held => ({ file, lines: makeFileLines(file) });

export const makeRotatedFile = ({ files, folders, path }: Place, opened: ByteFile): RotatedFile => {
  let current = hold(opened);
  let successor: Held | undefined;

  const look = (): void => {
    if (successor?.file.size() === 0 && successor.file.place() === 'another') {
      successor.file.close();
      successor = undefined;
    }
    if (successor !== undefined || current.file.place() !== 'another') return;
    const next = openAllowed(files, folders, path);
    if (next !== undefined) successor = hold(next);
  };

  return {
    current: () => current,
    isRenamed: () => successor !== undefined,
    hasSuccessor: () => {
      look();
      return successor !== undefined && successor.file.size() > 0;
    },
    goOn: () => {
      if (successor === undefined) return;
      current.file.close();
      current = successor;
      successor = undefined;
    },
    goBackTo: (identity) => {
      const before = openAllowed(files, folders, `${path}.1`);
      if (before?.identity === identity) {
        successor = current;
        current = hold(before);
        return true;
      }
      before?.close();
      return false;
    },
    close: () => {
      current.file.close();
      successor?.file.close();
    },
  };
};
