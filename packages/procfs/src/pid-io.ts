/**
 * /proc/<pid>/io: what a process read and wrote.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html, section "/proc/<pid>/io", and
 * proc_pid_io(5).
 *
 * Only the bytes that went to a block device are taken; rchar and wchar count the page cache too.
 */

import { lineValue } from './fields.ts';
import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface PidIo {
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Bytes in `writeBytes` that were never written, because the file was truncated before. */
  readonly cancelledWriteBytes?: number;
}

const SOURCE = 'pid-io';

export function parsePidIo(text: string): Parsed<PidIo> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const readBytes = parseCount(lineValue(text, 'read_bytes:') ?? '');
  const writeBytes = parseCount(lineValue(text, 'write_bytes:') ?? '');
  if (readBytes === undefined || writeBytes === undefined) {
    return malformedInput(SOURCE, 'expected read_bytes and write_bytes', text);
  }
  const cancelled = lineValue(text, 'cancelled_write_bytes:');
  if (cancelled === undefined) return parsed({ readBytes, writeBytes });
  const cancelledWriteBytes = parseCount(cancelled);
  if (cancelledWriteBytes === undefined) {
    return malformedInput(SOURCE, 'cancelled_write_bytes is no number', cancelled);
  }
  return parsed({ readBytes, writeBytes, cancelledWriteBytes });
}
