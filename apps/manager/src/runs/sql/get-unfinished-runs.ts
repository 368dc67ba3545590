/** Reads the runs that a manager has not brought to their end, and how far their events are. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import type { RunRecord } from '../run-record.ts';
import { RUN_COLUMNS, toRunRecord } from './run-row.ts';

const TEXT = `
  SELECT ${RUN_COLUMNS},
    coalesce((SELECT max(seq) FROM run_event WHERE run_key = run.key), 0)::float8 AS last_seq
  FROM run
  WHERE ended_at IS NULL
  ORDER BY run.key`;

const seqSchema = z.looseObject({ last_seq: z.number() });

export interface UnfinishedRun {
  readonly run: RunRecord;
  readonly lastSeq: number;
}

export const getUnfinishedRuns = async (queryable: Queryable): Promise<UnfinishedRun[]> => {
  const { rows } = await queryable.query({ name: 'get_unfinished_runs', text: TEXT });
  return rows.map((row) => ({ run: toRunRecord(row), lastSeq: seqSchema.parse(row).last_seq }));
};
