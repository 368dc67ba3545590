/** Text of log lines for the clipboard. */
import { escapeJson } from '../terminal/hostile-text.ts';
import { shownOf, type LineRow } from './row.ts';

/**
 * As it stands on the page: every control character but line feed and tab is made visible. So nothing
 * of it can end a terminal's bracketed paste and be run as if somebody had typed it.
 */
export const messageText = (row: LineRow): string => shownOf(row).plain;

/** All that came of the line, unchanged, in a form that is as safe to paste. */
export const lineJson = (row: LineRow, vmName: string): string =>
  escapeJson(JSON.stringify({ vm: vmName, ...row.event }, undefined, 2));

/** As it stands on the page: with every control character made visible. */
export const lineText = (
  row: LineRow,
  vmName: ((stream: number) => string) | undefined,
): string => {
  const { timestamp, level, target } = row.event;
  const time = timestamp === null ? '-' : new Date(timestamp).toISOString();
  const vm = vmName === undefined ? [] : [vmName(row.stream)];
  return [time, ...vm, level, target, messageText(row)].join(' ');
};
