/** Where a page of scripts ended: at its last one, so that what comes or goes shifts nothing. */
import { z } from 'zod';
import { storable } from '../../vms/storable-text.ts';
import type { ScriptPlace } from '../sql/list-scripts.ts';

const placeSchema = z.tuple([z.int().nonnegative(), storable(z.string().max(128))]);

export const encodePlace = ({ order, name }: ScriptPlace): string =>
  Buffer.from(JSON.stringify([order, name])).toString('base64url');

/** Undefined: no cursor of this list. */
export const decodePlace = (text: string): ScriptPlace | undefined => {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = placeSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const [order, name] = parsed.data;
  return { order, name };
};
