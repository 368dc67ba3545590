/**
 * Where a page of a list ended: the value that it was sorted by and the id of its last item, not a
 * number of items, so that what comes or goes in between shifts nothing.
 */
import { z } from 'zod';

const cursorSchema = z.tuple([
  /** The sort and order that it belongs to. */
  z.string().max(32),
  z.union([z.string().max(512), z.number(), z.null()]),
  z.uuid(),
]);

export interface PageCursor {
  readonly sort: string;
  /** Null: unknown. */
  readonly value: string | number | null;
  readonly id: string;
}

export const encodeCursor = ({ sort, value, id }: PageCursor): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');

/** Undefined: not one of this list in this order. */
export const decodeCursor = (text: string, sort: string): PageCursor | undefined => {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = cursorSchema.safeParse(json);
  if (!parsed.success || parsed.data[0] !== sort) return undefined;
  const [, value, id] = parsed.data;
  return { sort, value, id };
};
