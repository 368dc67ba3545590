/** Entries of the audit as lines of a file. */
import type { AuditEntry } from '@innkeeper/protocol';

export const AUDIT_COLUMNS = [
  'id',
  'at',
  'actor_kind',
  'actor_id',
  'actor_name',
  'action',
  'target_kind',
  'target_id',
  'target_name',
  'remote_address',
  'request_id',
  'detail',
] as const;

/** A spreadsheet takes a cell that begins so for a formula, and names are whatever somebody chose. */
const FORMULA = /^[=+\-@\t\r]/u;

/** https://www.rfc-editor.org/rfc/rfc4180 */
const cell = (value: string | null): string => {
  if (value === null) return '';
  const text = FORMULA.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
};

const row = (cells: readonly (string | null)[]): string => `${cells.map(cell).join(',')}\r\n`;

export const csvHeader = (): string => row(AUDIT_COLUMNS);

export const csvRow = ({
  id,
  at,
  actor,
  action,
  target,
  detail,
  remote_address: address,
  request_id: requestId,
}: AuditEntry): string =>
  row([
    id,
    new Date(at).toISOString(),
    actor.kind,
    actor.id,
    actor.name,
    action,
    target?.kind ?? null,
    target?.id ?? null,
    target?.name ?? null,
    address,
    requestId,
    JSON.stringify(detail),
  ]);

/** Where the file ends early, its last row says so. */
export const csvIncomplete = (reason: string): string => row([`INCOMPLETE: ${reason}`]);
