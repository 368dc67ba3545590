/**
 * Looks at the long lists of a document before the whole schema does. The schema collects every
 * mistake: 100 kB of empty objects in the place of disks would cost the manager half a second, each
 * time that a guest feels like it. Here the first mistake ends it.
 */
import { sampleSchema } from '@innkeeper/protocol';
import type { z } from 'zod';

/** So many of each cost the whole schema a few milliseconds at most. */
const SHORT_LIST = 64;
/** Ten times as many as an agent has. */
const MAX_COLLECTORS = 256;

const { cpu, disks, filesystems, networks } = sampleSchema.shape;

const LISTS: readonly (readonly [item: z.ZodType, ...path: string[]])[] = [
  [cpu.unwrap().shape.cores.element, 'cpu', 'cores'],
  [disks.unwrap().element, 'disks'],
  [filesystems.unwrap().element, 'filesystems'],
  [networks.unwrap().element, 'networks'],
];

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const at = (document: unknown, path: readonly string[]): unknown =>
  path.reduce((value, name) => (isTree(value) ? value[name] : undefined), document);

const isLong = (list: unknown): list is readonly unknown[] =>
  Array.isArray(list) && list.length > SHORT_LIST;

/** Undefined where the schema may have its turn. */
export const problemOfLists = (document: unknown): string | undefined => {
  for (const [item, ...path] of LISTS) {
    const list = at(document, path);
    if (!isLong(list)) continue;
    const index = list.findIndex((value) => !item.safeParse(value).success);
    if (index !== -1) return `item ${index} of ${path.join('.')} is malformed`;
  }
  const collectors = at(document, ['collectors']);
  const count = isTree(collectors) ? Object.keys(collectors).length : 0;
  return count > MAX_COLLECTORS ? `${count} collectors; ${MAX_COLLECTORS} at most` : undefined;
};
