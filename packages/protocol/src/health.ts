/** What an agent answers to `GET /health`. */
import { z } from 'zod';
import { bootIdSchema, countSchema, nameSchema, unixMsSchema, vmIdSchema } from './fields.ts';

const clockSchema = z.object({
  unix_ms: unixMsSchema,
  /** Whether a time service holds the clock; null where nothing on the machine tells. */
  synchronized: z.boolean().nullable(),
  zone: nameSchema,
  utc_offset_seconds: z.int(),
});

export const healthSchema = z.object({
  status: z.literal('ok'),
  version: nameSchema,
  vm_id: vmIdSchema.nullable(),
  boot_id: bootIdSchema.nullable(),
  hostname: nameSchema.nullable(),
  uptime_seconds: countSchema.nullable(),
  /** It trusts a manager, and where it had a token it has used it. */
  enrolled: z.boolean(),
  /** Of an agent that enrols itself; null: it was never given a token. */
  enrollment: z
    .object({
      state: z.enum(['waiting', 'enrolled', 'refused']),
      /** Why it waits, or what to do: `token_expired`. */
      code: nameSchema.nullable(),
      message: z.string().max(2000).nullable(),
    })
    .nullable()
    .default(null),
  /**
   * Of what comes over a network: `offered` where plain requests are answered as well, `required`
   * where the manager knows the agent's key and nothing else is. Loopback and sockets stay plain.
   */
  tls: z.enum(['off', 'offered', 'required']).default('off'),
  roles: z.array(z.enum(['guest', 'host'])).min(1),
  /** What this agent serves: `metrics`, `info`, `processes`, `logs`. */
  capabilities: z.array(nameSchema).max(100),
  clock: clockSchema,
});

export type Health = z.infer<typeof healthSchema>;
