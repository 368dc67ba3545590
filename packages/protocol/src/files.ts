/** Files of a guest: what the agent's `/files` answers besides the bytes of a file. */
import { z } from 'zod';
import { countSchema, nameSchema, pathSchema, unixMsSchema } from './fields.ts';

const modeSchema = z.string().regex(/^0[0-7]{3,4}$/u);

export const fileEntrySchema = z.object({
  name: nameSchema,
  kind: z.enum(['file', 'folder', 'link', 'other']),
  size_bytes: countSchema,
  mode: modeSchema,
  uid: countSchema,
  gid: countSchema,
  modified_at: unixMsSchema,
});

/** A folder that was asked for as if it were a file. */
export const fileListSchema = z.object({
  path: pathSchema,
  entries: z.array(fileEntrySchema).max(10_000),
  /** Entries that there are besides these. */
  more: countSchema,
});

export const fileWrittenSchema = z.object({
  path: pathSchema,
  size_bytes: countSchema,
  mode: modeSchema,
  /** False where it has taken another file's place. */
  created: z.boolean(),
});

export const powerRequestSchema = z.strictObject({
  action: z.enum(['shutdown', 'reboot']),
  delay_seconds: z.number().min(0).max(3600).optional(),
});

export const powerSchema = z.object({
  action: z.enum(['shutdown', 'reboot']),
  delay_seconds: z.number().nonnegative(),
  /** When it will begin. */
  at: unixMsSchema,
});

export type FileEntry = z.infer<typeof fileEntrySchema>;
export type FileList = z.infer<typeof fileListSchema>;
export type FileWritten = z.infer<typeof fileWrittenSchema>;
export type PowerAnswer = z.infer<typeof powerSchema>;
