/** Adds lines; those that are there, from an earlier write or sent again by the agent, stay as they are. */
import { hash } from 'node:crypto';
import type { Queryable } from '../../../database/database.ts';
import {
  encodeInt2s,
  encodeInt4s,
  encodeInt8s,
  encodeTexts,
  encodeTimestamps,
  OID,
} from '../../../store/binary-array.ts';
import type { KeptRow } from '../kept-row.ts';

const TEXT = `
  INSERT INTO kept_log
    (ts, received_at, guest_ts, line_hash, vm_key, pid, cut_bytes, level, stream, kept_for,
     target, message, cursor, source, fields)
  SELECT * FROM unnest(
    $1::timestamptz[], $2::timestamptz[], $3::timestamptz[], $4::int8[], $5::int4[], $6::int4[],
    $7::int4[], $8::int2[], $9::int2[], $10::int2[],
    $11::text[], $12::text[], $13::text[], $14::text[], $15::json[])
  ON CONFLICT (vm_key, ts, line_hash) DO NOTHING`;

const hashOf = ({ source, cursor }: KeptRow): Buffer =>
  hash('sha256', `${source ?? ''}\n${cursor}`, 'buffer');

/** @returns how many were new */
export const insertKeptLogs = async (
  database: Queryable,
  rows: readonly KeptRow[],
): Promise<number> => {
  const { rowCount } = await database.query({
    name: 'insert_kept_logs',
    text: TEXT,
    values: [
      encodeTimestamps(rows.map(({ ts }) => ts)),
      encodeTimestamps(rows.map(({ receivedAt }) => receivedAt)),
      encodeTimestamps(rows.map(({ guestTs }) => guestTs)),
      encodeInt8s(rows.map(hashOf)),
      encodeInt4s(rows.map(({ vmKey }) => vmKey)),
      encodeInt4s(rows.map(({ pid }) => pid)),
      encodeInt4s(rows.map(({ cutBytes }) => cutBytes)),
      encodeInt2s(rows.map(({ level }) => level)),
      encodeInt2s(rows.map(({ stream }) => stream)),
      encodeInt2s(rows.map(({ keptFor }) => keptFor)),
      encodeTexts(
        OID.text,
        rows.map(({ target }) => target),
      ),
      encodeTexts(
        OID.text,
        rows.map(({ message }) => message),
      ),
      encodeTexts(
        OID.text,
        rows.map(({ cursor }) => cursor),
      ),
      encodeTexts(
        OID.text,
        rows.map(({ source }) => source),
      ),
      encodeTexts(
        OID.json,
        rows.map(({ fields }) => fields),
      ),
    ],
  });
  return rowCount;
};
