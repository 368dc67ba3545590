/** The one error body of every HTTP answer, of agents and of the manager. */
import { z } from 'zod';

export const errorBodySchema = z.object({
  error: z.object({
    /** Stable, for programs: `not_enrolled`, `malformed_request`. */
    code: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/u),
    /** For people: what was wrong and what is accepted. */
    message: z.string().min(1).max(2000),
  }),
});

export type ErrorBody = z.infer<typeof errorBodySchema>;
