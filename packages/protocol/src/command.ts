/** Saved commands: what an operator runs again and again, with parameters, under a name. */
import { z } from 'zod';
import { roleSchema } from './access.ts';
import {
  MAX_ARGUMENTS,
  MAX_ARGUMENT_CHARACTERS,
  MAX_SCRIPT_CHARACTERS,
  progressPatternSchema,
} from './exec.ts';
import { pathSchema, unixMsSchema } from './fields.ts';
import { vmNameSchema } from './vm.ts';

const textSchema = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\0'), 'must not contain NUL');

export const parameterNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/u, 'must be lower case letters, digits and "_", 40 at most');

export const commandParameterSchema = z.strictObject({
  name: parameterNameSchema,
  description: z.string().max(500).default(''),
  /** Null: it has to be given. */
  default: textSchema(4096).nullable().default(null),
});
export type CommandParameter = z.infer<typeof commandParameterSchema>;

const commandFields = {
  name: vmNameSchema,
  description: z.string().max(2000).default(''),
  /** `{{name}}` in an argument is replaced by the parameter. No shell sees it. */
  argv: z
    .array(textSchema(MAX_ARGUMENT_CHARACTERS))
    .min(1)
    .max(MAX_ARGUMENTS)
    .nullable()
    .default(null),
  /** `{{name}}` becomes `"${PARAM_NAME}"`: the value is passed in the environment. */
  script: textSchema(MAX_SCRIPT_CHARACTERS).min(1).nullable().default(null),
  interpreter: z.string().min(1).max(500).nullable().default(null),
  cwd: pathSchema
    .regex(/^\/[^\0]*$/u, 'must be an absolute path')
    .nullable()
    .default(null),
  user: z
    .string()
    .regex(/^\w[\w.-]{0,63}$/u)
    .nullable()
    .default(null),
  timeout_seconds: z.number().positive().max(604_800).nullable().default(null),
  parameters: z.array(commandParameterSchema).max(32).default([]),
  progress_patterns: z.array(progressPatternSchema).max(32).default([]),
  /** Who may run it, and change it: this role and those above. */
  run_by: roleSchema.exclude(['viewer']).default('operator'),
  /** A label selector: it runs on VMs that it fits, and on no others. Null: on all. */
  only_on: z.string().max(1024).nullable().default(null),
};

export const commandCreateSchema = z.strictObject(commandFields);
export type CommandCreate = z.infer<typeof commandCreateSchema>;

export const commandSchema = z.object({
  id: z.uuid(),
  ...commandFields,
  created_at: unixMsSchema,
  updated_at: unixMsSchema,
});
export type Command = z.infer<typeof commandSchema>;
