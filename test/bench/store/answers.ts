/** Numbers in the answers of Postgres. */

export const numberFrom = (row: unknown, column: string): number => {
  const value: unknown =
    typeof row === 'object' && row !== null
      ? Object.getOwnPropertyDescriptor(row, column)?.value
      : undefined;
  if (typeof value !== 'number') throw new Error(`Postgres has answered no number for ${column}`);
  return value;
};
