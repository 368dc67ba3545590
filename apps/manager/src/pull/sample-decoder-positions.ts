/**
 * Where in a compact answer each number of a sample is: the agent sends all numbers of the whole
 * document in its order, without those of `collectors` and `processes.top`. A newer agent may send
 * fields that this manager does not know; their numbers are counted and left out.
 */
import type { Sample } from '@innkeeper/protocol';

export interface Positions {
  /** How many numbers a compact answer has. */
  readonly count: number;
  /** For the numbers of a `Sample`, in its order: which of these it is. */
  readonly known: Uint16Array;
}

/** As the agent has it. Larger samples are sent whole. */
const MAX_NUMBERS = 20_000;
/** Twice what a sample has. */
const MAX_DEPTH = 12;

interface Walk {
  count: number;
  readonly known: number[];
}

type Tree = Readonly<Record<string, unknown>>;

/** A list too: its keys are its indices. */
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

const hasNoNumbers = (path: string): boolean => path === '/collectors' || path === '/processes/top';

/** `known` is undefined in what this manager does not know. False where the answer cannot be read. */
const visit = (walk: Walk, raw: unknown, known: unknown, path: string, depth: number): boolean => {
  if (typeof raw === 'number') {
    if (typeof known === 'number') walk.known.push(walk.count);
    walk.count += 1;
    return walk.count <= MAX_NUMBERS;
  }
  if (!isTree(raw) || hasNoNumbers(path)) return true;
  if (depth === MAX_DEPTH) return false;
  const tree: Tree = isTree(known) ? known : {};
  const names = Object.keys(tree);
  let next = 0;
  for (const name of Object.keys(raw)) {
    const isNext = name === names[next];
    // Filled in is in the order of the schema. No agent sends another one.
    if (!isNext && Object.hasOwn(tree, name)) return false;
    if (isNext) next += 1;
    // Only the first two levels have names that matter.
    const below = depth < 2 ? `${path}/${name}` : path;
    if (!visit(walk, raw[name], isNext ? tree[name] : undefined, below, depth + 1)) return false;
  }
  return true;
};

/** `document` is the whole sample as it came, `sample` what the schema made of it. */
export const positionsIn = (document: unknown, sample: Sample): Positions | undefined => {
  const walk: Walk = { count: 0, known: [] };
  if (!visit(walk, document, sample, '', 0)) return undefined;
  return { count: walk.count, known: Uint16Array.from(walk.known) };
};
