/**
 * What to ask an agent for a sample, and the sample in its answer (docs/protocol.md, "The compact
 * sample"). A whole answer is held to `sampleSchema` and remembered; while nothing but its numbers
 * changes, the agent sends only those. The top processes are in whole answers only, so for their
 * sake one is asked for now and then. One decoder belongs to one agent, and knows of one question at
 * a time.
 */
import { sampleSchema, type Sample } from '@innkeeper/protocol';
import { fillSample, type Numbers } from './sample-decoder-fill.ts';
import { problemOfLists } from './sample-decoder-lists.ts';
import { readNumbers } from './sample-decoder-numbers.ts';
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
  /**
   * The sample is a new object each time; what has not changed in it is shared with earlier ones. Its
   * top processes are those of the last whole one, and the same object for as long.
   */
  decode(answer: SampleAnswer): DecodedSample;
  /** Forgets the agent, as if another one answered from now on. */
  reset(): void;
}

export interface SampleDecoderDependencies {
  readonly monotonicMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Whether somebody looks at this VM now. */
  readonly isWatched: () => boolean;
}

interface Schema extends Positions {
  readonly id: string;
  readonly target: string;
  readonly base: Sample;
  /** How a compact answer begins, and room for its numbers. */
  readonly prefix: Buffer;
  readonly values: Float64Array;
  /** When it came, and after what time its top processes are too old for those who do not look. */
  readonly sinceMs: number;
  readonly lastsMs: number;
  /** When the agent last counted its processes, by the newest sample. */
  scannedAt: number | null;
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
/** The top processes are stored once a minute. */
const TOP_MS = 60_000;
/** Agents count their processes no more often. */
const WATCHED_TOP_MS = 10_000;
const ASK = '/metrics?format=compact';
/** More than any finite number takes, with its comma. */
const MAX_NUMBER_BYTES = 32;
const ENVELOPE_BYTES = 256;
const MAX_PROBLEM = 400;

const bad = (problem: string): DecodedSample => ({
  ok: false,
  problem: problem.length > MAX_PROBLEM ? `${problem.slice(0, MAX_PROBLEM)}…` : problem,
});

const typeOf = (contentType: string | undefined): string =>
  contentType === COMPACT_TYPE
    ? contentType
    : ((contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '');

const parseJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
};

const isNumber = (value: unknown): value is number =>
  // 1e999 is Infinity once parsed.
  typeof value === 'number' && value >= 0 && value <= Number.MAX_VALUE;

/** What is wrong with it, or its numbers are in `values`. */
const problemOfRow = ({ id, count, values }: Schema, body: Buffer): string | undefined => {
  // Only numbers are in it: whatever is no ASCII is wrong in every encoding.
  const row: unknown = parseJson(body.toString('latin1'))?.value;
  if (!Array.isArray(row)) return 'a compact sample that is no JSON list';
  const list: readonly unknown[] = row;
  const [first, ...rest] = list;
  if (first !== id) return 'a compact sample of another schema than was asked for';
  if (rest.length !== count) {
    return `a compact sample of ${rest.length} numbers instead of ${count}`;
  }
  if (!rest.every(isNumber)) return 'a compact sample with something else than numbers from 0 up';
  values.set(rest);
  return undefined;
};

const decodeCompact = (schema: Schema, body: Buffer): DecodedSample => {
  const { values, known, prefix } = schema;
  if (body.length > ENVELOPE_BYTES + MAX_NUMBER_BYTES * values.length) {
    return bad(`a compact sample of ${body.length} bytes, far more than its numbers take`);
  }
  if (!readNumbers(body, prefix, values)) {
    const problem = problemOfRow(schema, body);
    if (problem !== undefined) return bad(problem);
  }
  const numbers: Numbers = { values, known, taken: 0, broken: false };
  const sample = fillSample(schema.base, numbers);
  if (numbers.broken) return bad('a compact sample with a number out of its bounds');
  schema.scannedAt = sample.processes.scanned_at;
  return { ok: true, sample };
};

const describeIssue = ({ path, message }: { path: readonly PropertyKey[]; message: string }) =>
  `${JSON.stringify(path.map(String).join('.').slice(0, 100))}: ${message}`;

export const makeSampleDecoder = ({
  monotonicMs,
  random,
  isWatched,
}: SampleDecoderDependencies): SampleDecoder => {
  let schema: Schema | undefined;
  /** After the first, which a whole fleet sends at one time, they come at different moments. */
  let isFirst = true;
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
      schema = positions && {
        ...positions,
        id,
        target: `${ASK}&schema=${id}`,
        base: sample,
        prefix: Buffer.from(`["${id}"`),
        values: new Float64Array(positions.count),
        sinceMs: monotonicMs(),
        lastsMs: isFirst ? TOP_MS * random() : TOP_MS,
        scannedAt: sample.processes.scanned_at,
      };
      isFirst = false;
    }
    return { ok: true, sample };
  };

  const isOlder = (): boolean => {
    if (older !== undefined && monotonicMs() - older.sinceMs >= OLDER_RETRY_MS) {
      older = undefined;
    }
    return older !== undefined;
  };

  const isTopOld = ({ base, sinceMs, lastsMs, scannedAt }: Schema): boolean => {
    const ageMs = monotonicMs() - sinceMs;
    if (ageMs >= lastsMs) return true;
    const isOutdated = ageMs >= WATCHED_TOP_MS || scannedAt !== base.processes.scanned_at;
    return isOutdated && isWatched();
  };

  return {
    target: () => {
      if (isOlder()) return '/metrics?format=json';
      return schema === undefined || isTopOld(schema) ? ASK : schema.target;
    },
    decode: (answer) => {
      if (answer.status === 422 && older === undefined) {
        schema = undefined;
        older = { sinceMs: monotonicMs(), bootId: undefined };
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
      isFirst = true;
    },
  };
};
