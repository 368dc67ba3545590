/**
 * Some lines out of many that come one after the other, the oldest first: the first of them, or the
 * last. Lines can be long, so their bytes have a limit too; what does not fit is more.
 */
import type { LogEvent } from '@innkeeper/protocol';

export interface LinePage {
  add(line: LogEvent, bytes: number): void;
  /** What comes now changes nothing. */
  isFull(): boolean;
  take(): { readonly items: LogEvent[]; readonly more: boolean };
}

const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** About what a kept line has as JSON. */
export const keptBytes = ({ message, fields }: LogEvent): number =>
  message.length + JSON.stringify(fields).length;

export const makeLinePage = (
  limit: number,
  isForwards: boolean,
  maxBytes = MAX_PAGE_BYTES,
): LinePage => {
  const items: { readonly line: LogEvent; readonly bytes: number }[] = [];
  let bytes = 0;
  let more = false;

  const isOver = (): boolean => items.length > limit || (bytes > maxBytes && items.length > 1);

  return {
    add: (line, lineBytes) => {
      if (isForwards && more) return;
      items.push({ line, bytes: lineBytes });
      bytes += lineBytes;
      while (isOver()) {
        const gone = isForwards ? items.pop() : items.shift();
        bytes -= gone?.bytes ?? 0;
        more = true;
      }
    },
    isFull: () => isForwards && more,
    take: () => ({ items: items.map(({ line }) => line), more }),
  };
};
