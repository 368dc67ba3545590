/** How a pull of an agent can fail. A metric label, a field of the reading and a word in the UI. */
import { z } from 'zod';

export const pullFailureKindSchema = z.enum([
  /** No connection: refused, no route, reset before an answer. */
  'unreachable',
  /** Connected or not, no whole answer within the deadline. */
  'timeout',
  /** An answer with a status that is neither 200 nor about tokens. */
  'http',
  'too_large',
  /** An answer that is no sample. */
  'malformed',
  /** 401 or 403: the agent belongs to another manager, or its clock is far off. */
  'unauthorized',
  /** Somebody else answers at that address. */
  'wrong_identity',
  'no_guest_ip',
]);

export type PullFailureKind = z.infer<typeof pullFailureKindSchema>;
