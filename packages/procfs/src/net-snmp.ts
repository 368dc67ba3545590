/**
 * /proc/net/snmp and /proc/net/netstat: counters of the network protocols. They come in pairs of
 * lines, `Tcp: names…` and `Tcp: values…`.
 * https://www.kernel.org/doc/html/latest/networking/snmp_counter.html and RFC 1213.
 *
 * Some values are no counters and may be negative: Tcp MaxConn is -1 when there is no limit.
 */

import { splitFields } from './fields.ts';
import { parseInteger } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

const SOURCE = 'net-snmp';
const all = (): boolean => true;

/** The keys are `<protocol>_<name>`, for example `Tcp_CurrEstab`. */
export function parseNetSnmp(
  text: string,
  wanted: (key: string) => boolean = all,
): Parsed<ReadonlyMap<string, number>> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const counters = new Map<string, number>();
  let names: readonly string[] | undefined;
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const fields = splitFields(line);
    if (names === undefined) {
      names = fields;
    } else {
      if (!addPair(counters, names, fields, wanted)) {
        return malformedInput(SOURCE, 'names and values do not match', line);
      }
      names = undefined;
    }
  }
  if (names !== undefined) return malformedInput(SOURCE, 'names without values', names.join(' '));
  return parsed(counters);
}

function addPair(
  counters: Map<string, number>,
  names: readonly string[],
  values: readonly string[],
  wanted: (key: string) => boolean,
): boolean {
  const label = names[0];
  if (label === undefined || !label.endsWith(':')) return false;
  if (label !== values[0] || names.length !== values.length) return false;
  const prefix = `${label.slice(0, -1)}_`;
  for (let index = 1; index < names.length; index += 1) {
    const key = prefix + (names[index] ?? '');
    if (!wanted(key)) continue;
    const value = parseInteger(values[index] ?? '');
    if (value === undefined) return false;
    counters.set(key, value);
  }
  return true;
}
