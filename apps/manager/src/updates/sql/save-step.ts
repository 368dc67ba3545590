/** Writes how far one VM is. */
import type { Queryable } from '../../database/database.ts';
import type { StepRecord } from '../update-record.ts';

const TEXT = `
  UPDATE agent_update_step
  SET state = $2::text, from_version = $3::text, artefact = $4::text, sha256 = $5::text,
    started_at = to_timestamp($6::float8 / 1000), ended_at = to_timestamp($7::float8 / 1000),
    problem_code = $8::text, problem_message = $9::text
  WHERE key = $1::bigint`;

export const saveStep = async (queryable: Queryable, step: StepRecord): Promise<void> => {
  await queryable.query({
    name: 'save_agent_update_step',
    text: TEXT,
    values: [
      step.key,
      step.state,
      step.fromVersion ?? null,
      step.artefact ?? null,
      step.sha256 ?? null,
      step.startedAt ?? null,
      step.endedAt ?? null,
      step.problem?.code ?? null,
      step.problem?.message ?? null,
    ],
  });
};
