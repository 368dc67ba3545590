/**
 * /etc/passwd: the name of a user id.
 * https://man7.org/linux/man-pages/man5/passwd.5.html.
 *
 * Malformed lines are skipped, because people edit this file, and an empty one is no error for the
 * same reason. If several names share an id, the first one wins, as with getpwuid(3).
 */

import { parseCount } from './number.ts';
import { parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export function parsePasswd(text: string): Parsed<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.startsWith('#')) continue;
    const [name = '', , id = ''] = line.split(':', 3);
    const uid = parseCount(id);
    if (name !== '' && uid !== undefined && !names.has(uid)) names.set(uid, name);
  }
  return parsed(names);
}
