/**
 * /proc/net/arp: the IPv4 neighbours.
 * https://man7.org/linux/man-pages/man5/proc_pid_net.5.html.
 *
 * The heading is always there, even without any neighbour, so an empty file is an error.
 */

import { splitFields } from './fields.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface ArpEntry {
  readonly address: string;
  /** `00:00:00:00:00:00` while the neighbour has not answered. */
  readonly hardwareAddress: string;
  readonly device: string;
}

const SOURCE = 'arp';

export function parseArp(text: string): Parsed<readonly ArpEntry[]> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const entries: ArpEntry[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '' || line.startsWith('IP address')) continue;
    const [address, , , hardwareAddress, , device] = splitFields(line);
    if (address === undefined || hardwareAddress === undefined || device === undefined) {
      return malformedInput(SOURCE, 'expected six columns', line);
    }
    entries.push({ address, hardwareAddress, device });
  }
  return parsed(entries);
}
