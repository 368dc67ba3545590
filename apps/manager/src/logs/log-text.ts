/**
 * A line as the agent has sent it, JSON text, made into an event. The guest decides what stands there:
 * what is no event is nothing, and what is nested deeper than any log needs neither, since to write
 * it as JSON again would exhaust the stack.
 */
import { logEventSchema, type LogEvent } from '@innkeeper/protocol';
import { z } from 'zod';
import { isCursor } from './log-cursor.ts';

const MAX_DEPTH = 8;

const isShallow = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === MAX_DEPTH) return false;
  // Own keys only, and no copy of them: this runs for each field of each line.
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const item: unknown = Reflect.get(value, key);
    if (typeof item === 'object' && item !== null && !isShallow(item, depth + 1)) return false;
  }
  return true;
};

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isShallow(value, 0);

/** `logEventSchema`, but it does not walk and copy the fields, of which a journal's line has 25. */
const storedSchema = logEventSchema.extend({
  fields: z.custom<Record<string, unknown>>(isFields),
  cursor: z.string().refine(isCursor),
});

export const parseLogText = (text: string): LogEvent | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = storedSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
};
