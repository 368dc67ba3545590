/** A row of `enrollment_token`. */
import { z } from 'zod';

export const TOKEN_COLUMNS = `id, hash, vm_id, host_id,
  round(extract(epoch FROM created_at) * 1000)::float8 AS created_at_ms,
  round(extract(epoch FROM expires_at) * 1000)::float8 AS expires_at_ms,
  round(extract(epoch FROM revoked_at) * 1000)::float8 AS revoked_at_ms,
  round(extract(epoch FROM downloaded_at) * 1000)::float8 AS downloaded_at_ms,
  round(extract(epoch FROM used_at) * 1000)::float8 AS used_at_ms,
  used_by`;

const rowSchema = z.object({
  id: z.string(),
  hash: z.instanceof(Buffer),
  vm_id: z.uuid().nullable(),
  host_id: z.uuid().nullable(),
  created_at_ms: z.number(),
  expires_at_ms: z.number(),
  revoked_at_ms: z.number().nullable(),
  downloaded_at_ms: z.number().nullable(),
  used_at_ms: z.number().nullable(),
  used_by: z.instanceof(Buffer).nullable(),
});

export interface TokenRow {
  readonly id: string;
  readonly hash: Buffer;
  readonly vmId: string | undefined;
  readonly hostId: string | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | undefined;
  readonly downloadedAt: number | undefined;
  readonly usedAt: number | undefined;
  readonly usedBy: Buffer | undefined;
}

export const parseTokenRow = (row: unknown): TokenRow => {
  const parsed = rowSchema.parse(row);
  return {
    id: parsed.id,
    hash: parsed.hash,
    vmId: parsed.vm_id ?? undefined,
    hostId: parsed.host_id ?? undefined,
    createdAt: parsed.created_at_ms,
    expiresAt: parsed.expires_at_ms,
    revokedAt: parsed.revoked_at_ms ?? undefined,
    downloadedAt: parsed.downloaded_at_ms ?? undefined,
    usedAt: parsed.used_at_ms ?? undefined,
    usedBy: parsed.used_by ?? undefined,
  };
};
