/**
 * What to ask an agent for a sample, and the sample in its answer (docs/protocol.md, "The compact
 * sample"). A whole answer is held to `sampleSchema` and remembered; while nothing but its numbers
 * changes, the agent sends only those. One decoder belongs to one agent, and knows of one question
 * at a time.
 */
import { sampleSchema, type Sample } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import { fillSample, type Numbers } from './sample-decoder-fill.ts';
import { problemOfLists } from './sample-decoder-lists.ts';
import { positionsIn, type Positions } from './sample-decoder-positions.ts';

export interface SampleAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

/** `problem` is for people, at most 512 characters. */
export type DecodedSample =
  | { readonly ok: true; readonly sample: Sample }
  | { readonly ok: false; readonly problem: string };

export interface SampleDecoder {
  /** Path and query of the next question. */
  target(): string;
  /** The sample is a new object each time; what has not changed in it is shared with earlier ones. */
  decode(answer: SampleAnswer): DecodedSample;
  /** Forgets the agent, as if another one answered from now on. */
  reset(): void;
}

interface Schema extends Positions {
  readonly id: string;
  readonly base: Sample;
}

/** An agent from before the compact sample, with the boot in which it said so. */
interface Older {
  readonly sinceMs: number;
  bootId: string | null | undefined;
}

const COMPACT_TYPE = 'application/vnd.innkeeper.sample+json';
/** It goes into the target of a request, so only what can stand there. */
const SCHEMA_ID = /^[\w.-]{1,64}$/u;
/** It may have been updated by then. After a reboot it is asked at once. */
const OLDER_RETRY_MS = 3_600_000;
/** More than any finite number takes, with its comma. */
const MAX_NUMBER_BYTES = 32;
const ENVELOPE_BYTES = 256;
const MAX_PROBLEM = 400;

const bad = (problem: string): DecodedSample => ({
  ok: false,
  problem: problem.length > MAX_PROBLEM ? `${problem.slice(0, MAX_PROBLEM)}…` : problem,
});

const typeOf = (contentType: string | undefined): string =>
  (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const parseJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
};

const isNumbers = (row: readonly unknown[]): row is readonly number[] => {
  for (const value of row) {
    // 1e999 is Infinity once parsed.
    if (typeof value !== 'number' || !(value >= 0 && value <= Number.MAX_VALUE)) return false;
  }
  return true;
};

const decodeCompact = (schema: Schema, body: Buffer): DecodedSample => {
  if (body.length > ENVELOPE_BYTES + MAX_NUMBER_BYTES * schema.count) {
    return bad(`a compact sample of ${body.length} bytes, far more than its numbers take`);
  }
  // Only numbers are in it: whatever is no ASCII is wrong in every encoding.
  const row: unknown = parseJson(body.toString('latin1'))?.value;
  if (!Array.isArray(row)) return bad('a compact sample that is no JSON list');
  const values: readonly unknown[] = row.slice(1);
  if (row[0] !== schema.id) return bad('a compact sample of another schema than was asked for');
  if (values.length !== schema.count) {
    return bad(`a compact sample of ${values.length} numbers instead of ${schema.count}`);
  }
  if (!isNumbers(values)) return bad('a compact sample with something else than numbers from 0 up');
  const numbers: Numbers = { values, known: schema.known, taken: 0, broken: false };
  const sample = fillSample(schema.base, numbers);
  return numbers.broken
    ? bad('a compact sample with a number out of its bounds')
    : { ok: true, sample };
};

const describeIssue = ({ path, message }: { path: readonly PropertyKey[]; message: string }) =>
  `${JSON.stringify(path.map(String).join('.').slice(0, 100))}: ${message}`;

export const makeSampleDecoder = (clock: Pick<Clock, 'monotonicMs'>): SampleDecoder => {
  let schema: Schema | undefined;
  let older: Older | undefined;

  const decodeWhole = (answer: SampleAnswer): DecodedSample => {
    schema = undefined;
    const document = parseJson(answer.body.toString('utf8'));
    if (document === undefined) return bad('an answer that is no JSON');
    const problem = problemOfLists(document.value);
    if (problem !== undefined) return bad(`no sample: ${problem}`);
    const parsed = sampleSchema.safeParse(document.value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return bad(`no sample: ${issue === undefined ? 'malformed' : describeIssue(issue)}`);
    }
    const sample = parsed.data;
    if (older !== undefined) {
      older.bootId ??= sample.boot_id;
      if (older.bootId !== sample.boot_id) older = undefined;
    }
    const id = answer.header('sample-schema');
    if (id !== undefined && SCHEMA_ID.test(id)) {
      const positions = positionsIn(document.value, sample);
      schema = positions && { ...positions, id, base: sample };
    }
    return { ok: true, sample };
  };

  const isOlder = (): boolean => {
    if (older !== undefined && clock.monotonicMs() - older.sinceMs >= OLDER_RETRY_MS) {
      older = undefined;
    }
    return older !== undefined;
  };

  return {
    target: () => {
      if (isOlder()) return '/metrics?format=json';
      return `/metrics?format=compact${schema === undefined ? '' : `&schema=${schema.id}`}`;
    },
    decode: (answer) => {
      if (answer.status === 422 && older === undefined) {
        schema = undefined;
        older = { sinceMs: clock.monotonicMs(), bootId: undefined };
        return bad('the agent does not know compact samples; it will be asked for whole ones');
      }
      if (answer.status !== 200) return bad(`the agent answered ${answer.status}`);
      const type = typeOf(answer.contentType);
      if (type === 'application/json') return decodeWhole(answer);
      if (type !== COMPACT_TYPE) return bad(`an answer of the type ${JSON.stringify(type)}`);
      if (schema === undefined) return bad('a compact sample that was not asked for');
      const decoded = decodeCompact(schema, answer.body);
      // Asked for a whole one next, an agent that has lost its way finds back.
      if (!decoded.ok) schema = undefined;
      return decoded;
    },
    reset: () => {
      schema = undefined;
      older = undefined;
    },
  };
};
