/** What the reporter inside Vitest tells the runner, through a file. */

import { z } from 'zod';

export const reportSchema = z.strictObject({
  passed: z.int().nonnegative(),
  /** Also errors outside of tests, and files that could not be loaded. */
  failed: z.int().nonnegative(),
  /** Tests that failed and then passed: a race in them, or in what they test. */
  secondAttempts: z.array(z.string()),
  /** The reason of each test that could not run on this machine. */
  skipped: z.array(z.string()),
  /** Failures that Vitest does not print as such, in a sentence each. */
  problems: z.array(z.string()),
});

export type Report = z.infer<typeof reportSchema>;

/** The variable that holds the file's path. */
export const reportVariable = 'INNKEEPER_TEST_REPORT';
