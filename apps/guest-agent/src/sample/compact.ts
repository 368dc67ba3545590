/**
 * The sample for who asks every second: `["<id>", n, n, …]`. Most of a sample stays as it was a
 * second ago, so what a reader has already (names, devices) is not sent again. The id stands for
 * everything but the numbers; the numbers are in the order of the whole sample. Two parts hold none:
 * the top processes, which are in whole samples only, and the collectors, of which it counts which
 * failed, and why.
 */
import type { Sample } from '@innkeeper/protocol';

export type SampleAnswer =
  | { readonly form: 'compact'; readonly row: readonly (string | number)[] }
  /** To be sent whole. `id` is undefined where the sample is too large for the other form. */
  | { readonly form: 'full'; readonly id: string | undefined };

/** More than a machine with a thousand CPUs has. It bounds what is kept from answer to answer. */
const MAX_NUMBERS = 20_000;

interface Parts {
  readonly moving: object;
  readonly statuses: string;
}

interface Schema {
  readonly id: string;
  readonly parts: Parts;
}

type Row = (string | number)[];

const partsOf = ({ collectors, ...sample }: Sample): Parts => {
  const { top: _, ...processes } = sample.processes;
  const statuses = Object.entries(collectors).map(([name, { ok, error }]) => [name, ok, error]);
  return { moving: { ...sample, processes }, statuses: JSON.stringify(statuses) };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Adds the numbers of `now` to the row; false where anything else differs from `base`. */
const addNumbers = (base: unknown, now: unknown, row: Row): boolean => {
  if (typeof now === 'number' && Number.isFinite(now)) {
    if (typeof base !== 'number' || !Number.isFinite(base)) return false;
    // The id is in the row too.
    return row.push(now) <= MAX_NUMBERS + 1;
  }
  if (Array.isArray(now)) {
    return (
      Array.isArray(base) &&
      base.length === now.length &&
      now.every((item, index) => addNumbers(base[index], item, row))
    );
  }
  if (!isObject(now)) return Object.is(base, now);
  if (!isObject(base) || Array.isArray(base)) return false;
  // The sampler makes its objects with the same keys in the same order each time.
  for (const key in now) if (!addNumbers(base[key], now[key], row)) return false;
  return true;
};

/** FNV-1a, and a second lane that rotates: nobody gains by a collision but who sends the sample. */
const hashOf = (text: string): string => {
  let first = 0x811c9dc5;
  let second = 0x2545f491;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(((second << 5) | (second >>> 27)) ^ code, 0x9e3779b1);
  }
  return [first >>> 0, second >>> 0, text.length].map((part) => part.toString(36)).join('-');
};

const withoutNumbers = (_: string, value: unknown): unknown =>
  typeof value === 'number' && Number.isFinite(value) ? 0 : value;

const idOf = ({ moving, statuses }: Parts): string =>
  hashOf(`${JSON.stringify(moving, withoutNumbers)}${statuses}`);

/** `asked` is the id of what the reader has. One schema is kept: the one of the last sample. */
export const makeCompactSamples = (): ((
  sample: Sample,
  asked: string | undefined,
) => SampleAnswer) => {
  let known: Schema | undefined;

  const rowOf = (parts: Parts): Row | undefined => {
    if (known?.parts.statuses === parts.statuses) {
      const row: Row = [known.id];
      if (addNumbers(known.parts.moving, parts.moving, row)) return row;
    }
    known = undefined;
    const row: Row = [''];
    if (!addNumbers(parts.moving, parts.moving, row)) return undefined;
    known = { id: idOf(parts), parts };
    row[0] = known.id;
    return row;
  };

  return (sample, asked) => {
    const row = rowOf(partsOf(sample));
    return row !== undefined && known?.id === asked
      ? { form: 'compact', row }
      : { form: 'full', id: known?.id };
  };
};
