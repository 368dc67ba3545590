/** The JSON inside of a signed message. */
import type { z } from 'zod';
import { parseInput } from '../http/parse-input.ts';
import type { Outcome } from '../vms/outcome.ts';
import { refuse } from '../http/problem.ts';
import { storable } from '../vms/storable-text.ts';

export const parseMessage = <Value>(message: string, schema: z.ZodType<Value>): Outcome<Value> => {
  let document: unknown;
  try {
    document = JSON.parse(message);
  } catch {
    return refuse({ status: 422, code: 'invalid', message: 'message: must be JSON' });
  }
  return parseInput('body', storable(schema), document);
};
