/** Lists come in pages: `{items, next_cursor}`. */
import { z } from 'zod';

export const MAX_PAGE = 1000;

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    /** For the next page; null on the last one. */
    next_cursor: z.string().nullable(),
  });
