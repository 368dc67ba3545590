/**
 * One file of /proc or /sys, kept open and read again and again. When the kernel takes it away (a
 * device that is unplugged) and brings it back, the next read opens it anew.
 */
import type { Files, OpenFile, Outcome, ReadOptions } from '../platform/platform.ts';

export interface Source {
  readonly path: string;
  read(): Outcome<string>;
  close(): void;
}

export const makeSource = (files: Files, path: string, options?: ReadOptions): Source => {
  let file: OpenFile | undefined;

  const readOpen = (open: OpenFile): Outcome<string> => {
    const outcome = open.read();
    if (!outcome.ok) {
      open.close();
      file = undefined;
    }
    return outcome;
  };

  const openAndRead = (): Outcome<string> => {
    const opened = files.open(path, options);
    if (!opened.ok) return opened;
    file = opened.value;
    return readOpen(file);
  };

  return {
    path,
    read: () => {
      if (file === undefined) return openAndRead();
      const outcome = readOpen(file);
      // The old descriptor may belong to a device that is gone, while a new one has its name.
      return outcome.ok ? outcome : openAndRead();
    },
    close: () => {
      file?.close();
      file = undefined;
    },
  };
};
