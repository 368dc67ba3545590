/** Text of log lines for the clipboard. */
import { shownOf, type LineRow } from './row.ts';

/** Browsers give the clipboard only to pages over https or loopback. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

/** As it stands on the page: with every control character made visible. */
export const lineText = (
  row: LineRow,
  vmName: ((stream: number) => string) | undefined,
): string => {
  const { timestamp, level, target } = row.event;
  const time = timestamp === null ? '-' : new Date(timestamp).toISOString();
  const vm = vmName === undefined ? [] : [vmName(row.stream)];
  return [time, ...vm, level, target, shownOf(row).plain].join(' ');
};
