/**
 * /proc/<pid>/fdinfo/<fd> of an open /dev/net/tun: which tun or tap interface it is attached to.
 * https://docs.kernel.org/filesystems/proc.html, section "/proc/<pid>/fdinfo/<fd>"; the `iff` line
 * is written by drivers/net/tun.c. Other descriptors have none, and one that is not attached yet
 * has an empty one.
 */

import { lineValue } from './fields.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface TunFdinfo {
  readonly device?: string;
}

const SOURCE = 'tun-fdinfo';
/** IFNAMSIZ without the NUL. */
const LONGEST_NAME = 15;

export function parseTunFdinfo(text: string): Parsed<TunFdinfo> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const device = lineValue(text, 'iff:');
  if (device === undefined || device === '') return parsed({});
  if (device.length > LONGEST_NAME || /[\s/]/u.test(device)) {
    return malformedInput(SOURCE, 'expected the name of an interface', device);
  }
  return parsed({ device });
}
