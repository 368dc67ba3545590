/** Roles and expiries in words. */
import type { Role } from '@innkeeper/protocol';

export const ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];

export const ROLE_WORDS = {
  viewer: 'sees VMs and hosts',
  operator: 'also registers and changes them',
  admin: 'also deletes, hands out tokens and reads the audit',
} as const satisfies Readonly<Record<Role, string>>;

const DAY_MS = 86_400_000;

export const EXPIRIES = [
  { name: 'Never', days: undefined },
  { name: 'In a day', days: 1 },
  { name: 'In 7 days', days: 7 },
  { name: 'In 30 days', days: 30 },
  { name: 'In 90 days', days: 90 },
  { name: 'In a year', days: 365 },
] as const;

export const expiryOf = (days: number | undefined, now: number): number | null =>
  days === undefined ? null : now + days * DAY_MS;
