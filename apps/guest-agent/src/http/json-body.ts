/** A JSON object in a body: its fields, or what is wrong with it. */
import type { TextCodec } from '../platform/platform.ts';
import type { Refusal } from './message.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

export type ParsedBody<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refusedBody = (message: string): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: { status: 422, code: 'invalid', message },
});

/** A field that nobody knows is a mistake worth telling: `timeout` is not `timeout_seconds`. */
export const checkFields = (record: JsonRecord, known: readonly string[]): string | undefined => {
  const unknown = Object.keys(record).find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  return `unknown field ${JSON.stringify(unknown.slice(0, 60))}; there are ${known.join(', ')}`;
};

export const parseJsonBody = (
  body: Uint8Array,
  text: Pick<TextCodec, 'decodeUtf8'>,
): ParsedBody<JsonRecord> => {
  let document: unknown;
  try {
    document = JSON.parse(text.decodeUtf8(body));
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : 'malformed';
    const message = `the body is not valid JSON: ${why}`;
    return { ok: false, refusal: { status: 400, code: 'malformed_request', message } };
  }
  if (!isRecord(document)) return refusedBody('the body must be a JSON object');
  return { ok: true, value: document };
};
