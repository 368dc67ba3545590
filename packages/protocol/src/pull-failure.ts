/** How a pull of an agent can fail. */
import { z } from 'zod';
import { PULL_FAILURE_KINDS } from './vocabulary.ts';

export const pullFailureKindSchema = z.enum(PULL_FAILURE_KINDS);
export type PullFailureKind = z.infer<typeof pullFailureKindSchema>;
