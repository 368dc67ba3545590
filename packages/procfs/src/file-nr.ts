/**
 * /proc/sys/fs/file-nr: open file handles, separated by tabs.
 * https://www.kernel.org/doc/html/latest/admin-guide/sysctl/fs.html#file-max-file-nr.
 *
 * The number in the middle, once the free handles, has always been 0 since Linux 2.6.
 */

import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface FileNr {
  readonly allocated: number;
  readonly maximum: number;
}

const SOURCE = 'file-nr';

export function parseFileNr(text: string): Parsed<FileNr> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const [first = '', , third = ''] = text.trim().split('\t');
  const allocated = parseCount(first);
  const maximum = parseCount(third);
  if (allocated === undefined || maximum === undefined) {
    return malformedInput(SOURCE, 'expected three numbers', text);
  }
  return parsed({ allocated, maximum });
}
