/** What the routes of runs have in common. */
import { z } from 'zod';

export const tag = 'Runs';

const uuid = z.uuid({ error: 'must be a UUID' }).toLowerCase();
export const executionParams = z.strictObject({ id: uuid, eid: uuid });

/** A script, its input and its environment, as JSON writes them. */
export const MAX_RUN_BODY_BYTES = 4 * 1024 * 1024;

export const RUN_PROBLEMS = { '404 run_not_found': 'there is none, or none that one may see' };
export const EXECUTION_PROBLEMS = {
  ...RUN_PROBLEMS,
  '404 execution_not_found': 'the run has none with this id, or none that one may see',
};
