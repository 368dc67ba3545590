/** Where a page of saved commands ended: at its last name, so that what comes or goes shifts nothing. */
import { vmNameSchema } from '@innkeeper/protocol';

export const encodeName = (name: string): string => Buffer.from(name).toString('base64url');

/** Undefined: no cursor of this list. */
export const decodeName = (text: string): string | undefined => {
  const parsed = vmNameSchema.safeParse(Buffer.from(text, 'base64url').toString('utf8'));
  return parsed.success ? parsed.data : undefined;
};
