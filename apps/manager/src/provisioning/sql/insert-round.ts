/** Adds a round of provisioning with its steps, in order. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import type { NewStep } from '../due-steps.ts';

const TEXT = `
  WITH round AS (
    INSERT INTO provisioning_round (vm_id, boot_id, cause, requested_by, state)
    VALUES ($1::uuid, $2::text, $3::text, $4::text, 'running')
    ON CONFLICT DO NOTHING
    RETURNING key, id
  ), step AS (
    INSERT INTO provisioning_step
      (round_key, position, source, script_key, name, run_when, path, is_executable, sha256, state,
       again, problem_code, problem_message)
    SELECT round.key, new.position - 1, new.source, new.script_key, new.name, new.run_when,
      new.path, new.is_executable, new.sha256, 'waiting', new.again, new.problem_code,
      new.problem_message
    FROM round, unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bool[],
        $11::text[], $12::bool[], $13::text[], $14::text[])
      WITH ORDINALITY AS new (source, script_key, name, run_when, path, is_executable, sha256,
        again, problem_code, problem_message, position)
  )
  SELECT id FROM round`;

const rowSchema = z.object({ id: z.string() });

export interface NewRound {
  readonly vmId: string;
  readonly bootId: string;
  readonly cause: 'boot' | 'request';
  readonly requestedBy: string | undefined;
  readonly steps: readonly NewStep[];
}

/** @returns its id; undefined: one is under way, or this boot was seen to already */
export const insertRound = async (
  queryable: Queryable,
  { vmId, bootId, cause, requestedBy, steps }: NewRound,
): Promise<string | undefined> => {
  const { rows } = await queryable.query({
    name: 'insert_provisioning_round',
    text: TEXT,
    values: [
      vmId,
      bootId,
      cause,
      requestedBy ?? null,
      steps.map(({ source }) => source),
      steps.map(({ scriptKey }) => scriptKey),
      steps.map(({ name }) => name),
      steps.map(({ when }) => when),
      steps.map(({ guestFile }) => guestFile?.path ?? null),
      steps.map(({ guestFile }) => guestFile?.isExecutable ?? null),
      steps.map(({ guestFile }) => guestFile?.sha256 ?? null),
      steps.map(({ again }) => again),
      steps.map(({ guestFile }) => (guestFile?.refused === undefined ? null : 'not_trusted')),
      steps.map(({ guestFile }) => guestFile?.refused ?? null),
    ],
  });
  return rows[0] === undefined ? undefined : rowSchema.parse(rows[0]).id;
};
