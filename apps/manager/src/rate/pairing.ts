/**
 * Finds for each entry of a list the entry of the list before that has the same key. Nearly always
 * the lists have the same order; where they do not, an index is made once, so that a hostile guest's
 * eight thousand shuffled devices cost no square of it.
 */

export type Pairing<Entry> = (key: string | number, index: number) => Entry | undefined;

export const makePairing = <Entry>(
  before: readonly Entry[] | null | undefined,
  keyOf: (entry: Entry) => string | number,
): Pairing<Entry> => {
  let byKey: Map<string | number, Entry> | undefined;
  return (key, index) => {
    if (before === null || before === undefined) return undefined;
    const likely = before[index];
    if (likely !== undefined && keyOf(likely) === key) return likely;
    byKey ??= new Map(before.map((entry) => [keyOf(entry), entry]));
    return byKey.get(key);
  };
};

export const byDevice = (entry: { readonly device: string }): string => entry.device;
