/** An entry of the audit as a line: what was done to what, and what changed. */
import type { AuditEntry } from '@innkeeper/protocol';

const MAX_DETAIL = 160;

const shorten = (text: string): string =>
  text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text;

const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** `guest_ip 192.168.1.100, agent_port 8080`; shortened, since a person may have typed it. */
export const detailText = (detail: AuditEntry['detail']): string =>
  shorten(
    Object.entries(detail)
      .map(([name, value]) => `${name} ${valueText(value)}`)
      .join(', '),
  );

export const targetText = (target: AuditEntry['target']): string =>
  target === null ? '' : `${target.kind} ${target.name ?? target.id}`;
