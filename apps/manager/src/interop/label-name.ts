/** Labels of VMs as names of Prometheus labels, which know letters, digits and "_" only. */
import type { Labels } from '@innkeeper/protocol';

/**
 * In a fixed order. Where two become the same, as `a.b` and `a/b` do, the later one gets a number.
 */
export const prometheusLabels = (prefix: string, labels: Labels): Map<string, string> => {
  const named = new Map<string, string>();
  for (const [key, value] of Object.entries(labels).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  )) {
    const name = `${prefix}${key.replaceAll(/[^A-Za-z0-9_]/gu, '_')}`;
    let free = name;
    for (let number = 2; named.has(free); number += 1) free = `${name}_${number}`;
    named.set(free, value);
  }
  return named;
};
