/** Selected VMs in an address, by their keys in the fleet: `3.5-40`, so that thousands are short. */

const MAX_SELECTED = 20_000;
const PART = /^(?<first>\d{1,9})(?:-(?<last>\d{1,9}))?$/u;

export const parseSelection = (text: string | null): ReadonlySet<number> => {
  const keys = new Set<number>();
  for (const part of (text ?? '').split('.')) {
    const { first, last = first } = PART.exec(part)?.groups ?? {};
    if (first === undefined) continue;
    for (let key = Number(first); key <= Number(last); key += 1) {
      if (keys.size >= MAX_SELECTED) return keys;
      if (key > 0) keys.add(key);
    }
  }
  return keys;
};

/** Null: nothing is selected. */
export const formatSelection = (keys: Iterable<number>): string | null => {
  const sorted = [...new Set(keys)].toSorted((one, other) => one - other);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length; at += 1) {
    const first = sorted[at] ?? 0;
    let last = first;
    while (sorted[at + 1] === last + 1) {
      at += 1;
      last += 1;
    }
    parts.push(first === last ? String(first) : `${first}-${last}`);
  }
  return parts.length === 0 ? null : parts.join('.');
};
