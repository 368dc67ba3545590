/**
 * /proc/net/sockstat and /proc/net/sockstat6: sockets in use and their memory (in pages).
 * https://man7.org/linux/man-pages/man5/proc_pid_net.5.html and net/ipv4/proc.c of the kernel.
 *
 * `TCP: inuse 2 orphan 0 tw 0 alloc 2 mem 378`: pairs of a key and a number, kept generically.
 */

import { splitFields } from './fields.ts';
import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface Sockstat {
  /** Sockets of all families; only sockstat has it, not sockstat6. */
  readonly socketsUsed?: number;
  readonly protocols: readonly SockstatProtocol[];
}

export interface SockstatProtocol {
  readonly protocol: string;
  readonly values: readonly (readonly [key: string, value: number])[];
}

const SOURCE = 'sockstat';

export function parseSockstat(text: string): Parsed<Sockstat> {
  if (isBlank(text)) return emptyInput(SOURCE);
  let socketsUsed: number | undefined;
  const protocols: SockstatProtocol[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const protocol = line.slice(0, colon);
    const values = parsePairs(line.slice(colon + 1));
    if (values === undefined) return malformedInput(SOURCE, 'expected keys and numbers', line);
    if (protocol === 'sockets') socketsUsed = values.find(([key]) => key === 'used')?.[1];
    else protocols.push({ protocol, values });
  }
  if (socketsUsed === undefined && protocols.length === 0) {
    return malformedInput(SOURCE, 'there is no known line', text);
  }
  return parsed({ ...(socketsUsed === undefined ? {} : { socketsUsed }), protocols });
}

function parsePairs(text: string): [string, number][] | undefined {
  const fields = splitFields(text);
  const pairs: [string, number][] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const key = fields[index];
    const value = parseCount(fields[index + 1] ?? '');
    if (key === undefined || value === undefined) return undefined;
    pairs.push([key, value]);
  }
  return pairs;
}
