/**
 * A line as the agent has sent it, JSON text, made into an event. The guest decides what stands there:
 * what is no event is nothing, and neither is what has more values, or nests them deeper, than any log
 * needs: to look at them would take long, and to write them as JSON again exhaust the stack.
 */
import { logEventSchema, type LogEvent } from '@innkeeper/protocol';
import { z } from 'zod';
import { isCursor } from './log-cursor.ts';

const MAX_DEPTH = 8;

/** Of all depths together. journald takes 1,024 fields; a line of a million zeros stops everybody. */
const MAX_VALUES = 5_000;

const isSmall = (value: object, depth: number, budget: { left: number }): boolean => {
  if (depth === MAX_DEPTH) return false;
  const isSmallItem = (item: unknown): boolean => {
    budget.left -= 1;
    if (budget.left < 0) return false;
    return typeof item !== 'object' || item === null || isSmall(item, depth + 1, budget);
  };
  if (Array.isArray(value)) return value.length <= budget.left && value.every(isSmallItem);
  // Own keys only, and no copy of them: this runs for each field of each line.
  for (const key in value) {
    if (Object.hasOwn(value, key) && !isSmallItem(Reflect.get(value, key))) return false;
  }
  return true;
};

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  isSmall(value, 0, { left: MAX_VALUES });

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
