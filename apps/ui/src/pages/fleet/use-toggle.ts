/** Selects VMs one by one, or all from the one before. */
import { useRef } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { Line } from './fleet-lines.ts';
import { selectionChange, type FleetQuery } from './fleet-query.ts';

export const useToggle = (
  query: FleetQuery,
  lines: readonly Line[],
): ((key: number, isRange: boolean) => void) => {
  const { navigation } = useApp();
  /** Selected or let go last: a range begins there. */
  const anchor = useRef<number | undefined>(undefined);
  return (key, isRange) => {
    const selected = new Set(query.selected);
    const places = lines.flatMap((line) => (line.kind === 'vm' ? [line.vm.member.key] : []));
    const from = isRange && anchor.current !== undefined ? places.indexOf(anchor.current) : -1;
    const to = places.indexOf(key);
    if (from === -1 || to === -1) {
      if (!selected.delete(key)) selected.add(key);
    } else {
      const range = places.slice(Math.min(from, to), Math.max(from, to) + 1);
      for (const one of range) selected.add(one);
    }
    anchor.current = key;
    navigation.setQuery(selectionChange(selected), { replace: true });
  };
};
