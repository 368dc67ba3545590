/** An error of unknown kind as fields of a log entry. */
import type { LogFields } from '../log.ts';

export const errorFields = (error: unknown): LogFields => ({
  error: (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 2_000),
});
