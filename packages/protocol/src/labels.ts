/** Labels of VMs and hosts, and the selectors that choose by them, in the syntax of Kubernetes. */
import { z } from 'zod';

export const MAX_LABELS = 32;

export const labelKeySchema = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[\w./-]{0,61}[A-Za-z0-9])?$/u,
    'must be 1 to 63 letters, digits, "-", "_", "." or "/", beginning and ending with a letter or digit',
  );

export const labelValueSchema = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9](?:[\w.:/-]{0,61}[A-Za-z0-9])?)?$/u,
    'must be empty, or up to 63 letters, digits, "-", "_", ".", ":" or "/", beginning and ending with a letter or digit',
  );

export const labelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, {
    message: `must be at most ${MAX_LABELS} labels`,
  });

export type Labels = z.infer<typeof labelsSchema>;
