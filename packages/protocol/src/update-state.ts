/** How far an update is on one VM. */
import { z } from 'zod';

/** `done`, `rolled_back`, `failed` and `cancelled` are the end; the others follow each other. */
export const updateStepStateSchema = z.enum([
  'waiting',
  'downloading',
  'swapping',
  'checking',
  'done',
  'rolled_back',
  'failed',
  'cancelled',
]);
export type UpdateStepState = z.infer<typeof updateStepStateSchema>;
