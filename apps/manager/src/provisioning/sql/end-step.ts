/** Notes how a step has ended. */
import type { ProvisioningStep } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  UPDATE provisioning_step
  SET state = $3::text, exit_code = $4::int, signal = $5::text, timed_out = $6::bool,
    started_at = coalesce(to_timestamp($7::float8 / 1000), started_at),
    ended_at = coalesce(to_timestamp($8::float8 / 1000), now()), problem_code = $9::text,
    problem_message = $10::text, last_lines = $11::bytea
  WHERE round_key = $1::bigint AND position = $2::int`;

export interface StepEnd {
  readonly state: Exclude<ProvisioningStep['state'], 'waiting' | 'running'>;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut?: boolean;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly problem?: { readonly code: string; readonly message: string } | undefined;
  readonly lastLines?: string | undefined;
}

export const endStep = async (
  queryable: Queryable,
  step: { readonly roundKey: string; readonly position: number },
  end: StepEnd,
): Promise<void> => {
  await queryable.query({
    name: 'end_provisioning_step',
    text: TEXT,
    values: [
      step.roundKey,
      step.position,
      end.state,
      end.exitCode ?? null,
      end.signal ?? null,
      end.timedOut ?? false,
      end.startedAt ?? null,
      end.endedAt ?? null,
      end.problem?.code ?? null,
      end.problem?.message ?? null,
      end.lastLines === undefined ? null : Buffer.from(end.lastLines),
    ],
  });
};
