/**
 * The first items of a list in some order, without sorting the list: a page of 100 out of 10,000
 * costs one comparison for most of them.
 */
export const firstOf = <Item>(
  items: Iterable<Item>,
  count: number,
  compare: (one: Item, other: Item) => number,
): Item[] => {
  const first: Item[] = [];
  for (const item of items) {
    const last = first.at(-1);
    const isFull = first.length >= count;
    if (isFull && (last === undefined || compare(item, last) >= 0)) continue;
    let low = 0;
    let high = first.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = first[middle];
      if (at !== undefined && compare(at, item) <= 0) low = middle + 1;
      else high = middle;
    }
    if (isFull) first.pop();
    first.splice(low, 0, item);
  }
  return first;
};
