/** The name of the constraint that made Postgres refuse a statement. */

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

export const violatedConstraint = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || !('code' in error) || !('constraint' in error)) return undefined;
  const { code, constraint } = error;
  const isViolation = code === UNIQUE_VIOLATION || code === FOREIGN_KEY_VIOLATION;
  return isViolation && typeof constraint === 'string' ? constraint : undefined;
};
