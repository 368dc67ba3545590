/**
 * `POST /update`, taken apart and believed: what is to be downloaded is what the manager's list says,
 * and the list counts for its signature and not for who has sent it.
 */
import type { AgentUpdateOrder } from '@innkeeper/protocol';
import { decodeBase64 } from '../auth/base64url.ts';
import { checkFields, isRecord, type JsonRecord } from '../http/json-body.ts';
import type { Refusal } from '../http/message.ts';
import type { Platform } from '../platform/platform.ts';
import { MAX_PROGRAM_BYTES } from './own-program.ts';

/** What is to take this program's place. */
export interface Release {
  readonly version: string;
  readonly artefact: string;
  readonly bytes: number;
  readonly sha256: string;
}

type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

const FIELDS = ['id', 'manifest', 'signature', 'allow_downgrade', 'trial_seconds'] as const;
const ID = /^[\w-]{1,64}$/u;
const MAX_MANIFEST_CHARACTERS = 48 * 1024;
const LEAST_TRIAL_SECONDS = 5;
const MOST_TRIAL_SECONDS = 3600;
const SIGNATURE_BYTES = 64;
const FORMAT = 'innkeeper artefacts 1';
const VERSION_NAME = /^[\w.+-]{1,64}$/u;
const SHA256 = /^[\da-f]{64}$/u;

const no = (status: number, code: string, message: string) => ({
  ok: false as const,
  refusal: { status, code, message },
});
const invalid = (message: string) => no(422, 'invalid', message);

export const parseOrder = (record: JsonRecord): Parsed<AgentUpdateOrder> => {
  const problem = checkFields(record, FIELDS);
  if (problem !== undefined) return invalid(problem);
  const { id, manifest, signature, allow_downgrade: allow = false } = record;
  const { trial_seconds: seconds = 600 } = record;
  if (typeof id !== 'string' || !ID.test(id)) {
    return invalid('id must be 1 to 64 letters, digits, - and _');
  }
  if (typeof manifest !== 'string' || manifest.length > MAX_MANIFEST_CHARACTERS) {
    return invalid(`manifest must be a text of at most ${MAX_MANIFEST_CHARACTERS} characters`);
  }
  if (typeof signature !== 'string') return invalid('signature must be a text in base64');
  if (typeof allow !== 'boolean') return invalid('allow_downgrade must be true or false');
  const isSpan =
    typeof seconds === 'number' && seconds >= LEAST_TRIAL_SECONDS && seconds <= MOST_TRIAL_SECONDS;
  if (!isSpan) {
    const range = `from ${LEAST_TRIAL_SECONDS} to ${MOST_TRIAL_SECONDS}`;
    return invalid(`trial_seconds must be a number ${range}`);
  }
  const value = { id, manifest, signature, allow_downgrade: allow, trial_seconds: seconds };
  return { ok: true, value };
};

const parsedManifest = (text: string): JsonRecord | undefined => {
  try {
    const document: unknown = JSON.parse(text);
    return isRecord(document) ? document : undefined;
  } catch {
    return undefined;
  }
};

/** What of the list is for an agent of this kind, where one of the keys has signed it. */
export const findRelease = (
  { crypto, text }: Pick<Platform, 'crypto' | 'text'>,
  { manifest, signature }: Pick<AgentUpdateOrder, 'manifest' | 'signature'>,
  keys: readonly Uint8Array[],
  artefact: string,
): Parsed<Release> => {
  const signed = decodeBase64(signature.trim());
  const bytes = text.encodeUtf8(manifest);
  const isSigned =
    signed?.length === SIGNATURE_BYTES &&
    keys.some((key) => crypto.verifyEd25519(key, bytes, signed));
  if (!isSigned) {
    return no(422, 'bad_signature', 'the list of artefacts is not signed by a key of the manager');
  }
  const document = parsedManifest(manifest);
  const { format, version, artefacts } = document ?? {};
  if (format !== FORMAT || typeof version !== 'string' || !VERSION_NAME.test(version)) {
    return invalid('manifest is no list of artefacts that this agent understands');
  }
  const entry = (Array.isArray(artefacts) ? artefacts : [])
    .filter((one: unknown): one is JsonRecord => isRecord(one))
    .find(({ name }) => name === artefact);
  if (entry === undefined) {
    return no(409, 'no_artefact', `the manager does not offer ${artefact}, which this agent is`);
  }
  const { bytes: size, sha256 } = entry;
  const isSize =
    typeof size === 'number' && Number.isSafeInteger(size) && size > 0 && size <= MAX_PROGRAM_BYTES;
  if (!isSize) return invalid(`${artefact} may have at most ${MAX_PROGRAM_BYTES} bytes`);
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) {
    return invalid(`${artefact} has no SHA-256 in the manifest`);
  }
  return { ok: true, value: { version, artefact, bytes: size, sha256 } };
};
