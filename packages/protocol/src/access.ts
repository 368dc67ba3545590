/** Tokens and sessions of those who use the manager, and the audit of what they changed. */
import { z } from 'zod';
import { unixMsSchema } from './fields.ts';
import { vmNameSchema } from './vm.ts';

export const roleSchema = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof roleSchema>;

export const tokenCreateSchema = z.strictObject({
  name: vmNameSchema,
  role: roleSchema,
  /** A label selector: the token sees and changes only the VMs that it fits. Null: all. */
  scope: z.string().max(1024).nullable().default(null),
  expires_at: unixMsSchema.nullable().default(null),
});
export type TokenCreate = z.infer<typeof tokenCreateSchema>;

export const tokenSchema = z.object({
  id: z.uuid(),
  name: vmNameSchema,
  role: roleSchema,
  scope: z.string().nullable(),
  created_at: unixMsSchema,
  expires_at: unixMsSchema.nullable(),
  /** To the minute. */
  last_used_at: unixMsSchema.nullable(),
});
export type Token = z.infer<typeof tokenSchema>;

/** The only time that the secret is told. */
export const createdTokenSchema = tokenSchema.extend({ token: z.string() });

export const signInSchema = z.union([
  z.strictObject({ code: z.string().min(1).max(256) }),
  z.strictObject({ token: z.string().min(1).max(256) }),
]);

export const sessionSchema = z.object({
  actor: z.object({
    kind: z.enum(['token', 'session']),
    id: z.uuid(),
    name: z.string(),
    role: roleSchema,
    scope: z.string().nullable(),
  }),
  /** Sent back as `x-csrf-token` with whatever changes something; null for tokens, which need none. */
  csrf_token: z.string().nullable(),
  expires_at: unixMsSchema.nullable(),
});
export type Session = z.infer<typeof sessionSchema>;

export const auditEntrySchema = z.object({
  id: z.string(),
  at: unixMsSchema,
  actor: z.object({
    kind: z.enum(['token', 'session', 'system']),
    id: z.uuid().nullable(),
    name: z.string(),
  }),
  /** `vm.create`, `token.revoke`. */
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }).nullable(),
  detail: z.record(z.string(), z.unknown()),
  request_id: z.string().nullable(),
  remote_address: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
