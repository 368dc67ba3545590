/** Which entries a viewer wants, decided as the agent decides it: see `level`, `unit` and `grep` there. */
import type { LogEntry, LogEvent, LogFilter, LogLevel } from '@innkeeper/protocol';

export type LineFilter = (line: Omit<LogEvent, 'cursor'>) => boolean;

/** For an agent, `trace` is a name for what syslog calls debugging. */
const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3, trace: 3 };

/** Of the journal: what `journalctl -u` takes for a line of a unit. */
const UNIT_FIELDS = [
  '_SYSTEMD_UNIT',
  '_SYSTEMD_USER_UNIT',
  'COREDUMP_UNIT',
  'OBJECT_SYSTEMD_UNIT',
] as const;

const UNIT_TYPE =
  /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/u;

/** `journalctl -u ssh` means ssh.service, and so it does here. */
export const unitNames = (units: readonly string[]): ReadonlySet<string> =>
  new Set(units.flatMap((unit) => (UNIT_TYPE.test(unit) ? [unit] : [unit, `${unit}.service`])));

const isOfUnit = (
  { target, fields }: Pick<LogEvent, 'target' | 'fields'>,
  units: ReadonlySet<string>,
) => {
  const has = (value: unknown): boolean => typeof value === 'string' && units.has(value);
  if (units.has(target) || UNIT_FIELDS.some((name) => has(fields[name]))) return true;
  return has(fields['UNIT']) && fields['_PID'] === '1';
};

/** Undefined: everything passes. */
export const makeLineFilter = (filter: LogFilter): LineFilter | undefined => {
  const { level, unit, stream, grep } = filter;
  const units = unit === undefined || unit.length === 0 ? undefined : unitNames(unit);
  const rank = level === undefined ? undefined : RANK[level];
  const needle = grep?.toLowerCase();
  if (units === undefined && rank === undefined && needle === undefined && stream === undefined) {
    return undefined;
  }
  return (line) =>
    (rank === undefined || RANK[line.level] <= rank) &&
    (stream === undefined || line.stream === stream) &&
    (units === undefined || isOfUnit(line, units)) &&
    (needle === undefined || line.message.toLowerCase().includes(needle));
};

/** Marks pass: what is missing is missing for everybody. */
export const passes = (filter: LineFilter | undefined, entry: LogEntry): boolean =>
  filter === undefined || 'mark' in entry || filter(entry);
