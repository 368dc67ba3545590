/** The conditions of a search as SQL: fixed pieces of text, and the values apart. */

export interface LogConditions {
  /** Both ends included. */
  readonly from: number;
  readonly to: number;
  /** Undefined: every VM, registered or not. */
  readonly vmKeys: readonly number[] | undefined;
  /** This level and worse; 0: all. */
  readonly level: number;
  /** Any of these; none: whatever the target. */
  readonly targets: readonly string[];
  /** Part of the message, in whatever case. */
  readonly text: string | undefined;
}

/** What LIKE reads as a sign is taken as it stands. */
const asPattern = (text: string): string => `%${text.replaceAll(/[\\%_]/gu, String.raw`\$&`)}%`;

/**
 * Left out where it says nothing, instead of `$3 IS NULL OR …`: so the planner sees what is asked,
 * and takes the index of the VM or that of the time.
 */
export const logConditions = (
  conditions: LogConditions,
): { readonly text: string; readonly values: unknown[] } => {
  const values: unknown[] = [
    new Date(conditions.from).toISOString(),
    new Date(conditions.to).toISOString(),
  ];
  const parts = ['ts >= $1::timestamptz', 'ts <= $2::timestamptz'];
  const add = (value: unknown, toSql: (parameter: string) => string): void => {
    values.push(value);
    parts.push(toSql(`$${values.length}`));
  };
  const { vmKeys, level, targets, text } = conditions;
  if (vmKeys !== undefined) add(vmKeys, (parameter) => `vm_key = ANY (${parameter}::int4[])`);
  if (level > 0) add(level, (parameter) => `level >= ${parameter}::int2`);
  if (targets.length > 0) add(targets, (parameter) => `target = ANY (${parameter}::text[])`);
  if (text !== undefined) add(asPattern(text), (parameter) => `message ILIKE ${parameter}::text`);
  return { text: parts.join(' AND '), values };
};
