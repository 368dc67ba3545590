/**
 * /proc/net/snmp6: counters of IPv6 and the protocols on top, one `Ip6InReceives <tab> 123` a line.
 * https://www.kernel.org/doc/html/latest/networking/snmp_counter.html.
 *
 * The protocol is part of the name and ends with its 6: Ip6, Icmp6, Udp6, UdpLite6. A name without
 * a 6 has no protocol that could be told, and is ignored like in node_exporter.
 */

import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

const SOURCE = 'net-snmp6';
const all = (): boolean => true;

/** The keys are `<protocol>_<name>`, for example `Ip6_InReceives`. */
export function parseNetSnmp6(
  text: string,
  wanted: (key: string) => boolean = all,
): Parsed<ReadonlyMap<string, number>> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const counters = new Map<string, number>();
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const nameEnd = Math.max(line.indexOf(' '), 0);
    const name = line.slice(0, nameEnd);
    const six = name.indexOf('6');
    const key = `${name.slice(0, six + 1)}_${name.slice(six + 1)}`;
    if (name !== '' && (six === -1 || !wanted(key))) continue;
    const value = name === '' ? undefined : parseCount(line.slice(nameEnd).trim());
    if (value === undefined) return malformedInput(SOURCE, 'expected a name and a number', line);
    counters.set(key, value);
  }
  return parsed(counters);
}
