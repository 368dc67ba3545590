/** Adds events of runs, except those that are there from a write whose answer got lost. */
import type { Queryable } from '../../database/database.ts';
import type { StoredEvent } from '../run-record.ts';

const TEXT = `
  INSERT INTO run_event (run_key, seq, execution_key, at, kind, data)
  SELECT new.run_key, new.seq, new.execution_key, to_timestamp(new.at / 1000), new.kind, new.data
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::float8[], $5::text[], $6::bytea[])
    AS new (run_key, seq, execution_key, at, kind, data)
  ON CONFLICT DO NOTHING`;

export const insertRunEvents = async (
  queryable: Queryable,
  events: readonly StoredEvent[],
): Promise<void> => {
  await queryable.query({
    name: 'insert_run_events',
    text: TEXT,
    values: [
      events.map(({ runKey }) => runKey),
      events.map(({ seq }) => seq),
      events.map(({ executionKey }) => executionKey ?? null),
      events.map(({ at }) => at),
      events.map(({ kind }) => kind),
      events.map(({ data }) => data),
    ],
  });
};
