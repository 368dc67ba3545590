/**
 * What the manager answers to a message: signed by one of its keys that the agent has, and about the
 * message that was sent. Whoever else answers at that address learns and changes nothing.
 */
import type { SIGNED_AS } from '@innkeeper/protocol';
import { decodeBase64 } from '../auth/base64url.ts';
import type { Outcome, Platform } from '../platform/platform.ts';
import type { Reply } from './post-json.ts';

/** As the protocol has it, which the agent has no room for. */
export const PURPOSE: typeof SIGNED_AS = {
  enroll: 'innkeeper enroll 1\n',
  address: 'innkeeper address 1\n',
  answer: 'innkeeper answer 1\n',
};

export type ManagerAnswer =
  | {
      readonly kind: 'registered';
      readonly guestIp: string | undefined;
      readonly addressProblem: string | undefined;
      readonly managerKeys: readonly string[];
      /** Of the TLS key by which the manager knows the agent; undefined: it speaks plainly. */
      readonly tlsPin: string | undefined;
    }
  | { readonly kind: 'behind'; readonly counter: number; readonly challenge: string }
  /** It will not change its mind by itself. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** Worth another try. */
  | { readonly kind: 'failed'; readonly message: string };

/** Other refusals may be of something on the way, or of a moment. */
const FINAL: ReadonlySet<string> = new Set([
  'token_unknown',
  'token_expired',
  'token_used',
  'token_revoked',
  'other_machine',
  'bad_signature',
  'cloned',
  'unknown_agent',
  'key_replaced',
  'invalid',
  'local_vm',
]);
const MAX_MESSAGE_CHARACTERS = 600;
const MAX_KEYS = 2;

const parsed = (text: string): ReadonlyMap<string, unknown> | undefined => {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== 'object' || document === null) return undefined;
    return new Map(Object.entries(document));
  } catch {
    return undefined;
  }
};

const textIn = (fields: ReadonlyMap<string, unknown> | undefined, name: string) => {
  const value = fields?.get(name);
  return typeof value === 'string' ? value : undefined;
};

const fieldsIn = (fields: ReadonlyMap<string, unknown> | undefined, name: string) => {
  const value = fields?.get(name);
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value));
};

const failed = (message: string): ManagerAnswer => ({ kind: 'failed', message });

const refusalIn = ({ status, body }: Reply): ManagerAnswer => {
  const error = fieldsIn(parsed(body), 'error');
  const code = textIn(error, 'code');
  const message = textIn(error, 'message')?.slice(0, MAX_MESSAGE_CHARACTERS);
  if (code === undefined || message === undefined) {
    return failed(`HTTP ${status} of something that is no manager, or is not ready`);
  }
  if (status < 500 && FINAL.has(code)) return { kind: 'refused', code, message };
  return failed(`${code.slice(0, 64)}: ${message}`);
};

const WRONG_MANAGER: ManagerAnswer = {
  kind: 'refused',
  code: 'wrong_manager',
  message:
    'whoever answers at manager_url does not have the key of the manager that made the token; ' +
    'check manager_url and manager_keys in the config, and that nobody is in between',
};

const keysIn = (value: unknown): readonly string[] | undefined => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_KEYS) return undefined;
  const keys = value.filter(
    (key): key is string => typeof key === 'string' && decodeBase64(key)?.length === 32,
  );
  return keys.length === value.length ? keys : undefined;
};

const contentOf = (fields: ReadonlyMap<string, unknown>): ManagerAnswer => {
  const malformed = failed("the manager's answer is not understood; is this agent too old for it?");
  if (textIn(fields, 'result') === 'behind') {
    const [counter, challenge] = [fields.get('counter'), textIn(fields, 'challenge')];
    if (typeof counter !== 'number' || challenge === undefined) return malformed;
    return Number.isSafeInteger(counter) ? { kind: 'behind', counter, challenge } : malformed;
  }
  const managerKeys = keysIn(fields.get('manager_keys'));
  if (textIn(fields, 'result') !== 'registered' || managerKeys === undefined) return malformed;
  const addressProblem = textIn(fieldsIn(fields, 'address_problem'), 'message');
  return {
    kind: 'registered',
    guestIp: textIn(fields, 'guest_ip')?.slice(0, 45),
    addressProblem: addressProblem?.slice(0, MAX_MESSAGE_CHARACTERS),
    managerKeys,
    tlsPin: textIn(fields, 'tls_pin'),
  };
};

export interface Asked {
  readonly vmId: string;
  readonly nonce: string;
  readonly keys: readonly Uint8Array[];
}

export const readManagerAnswer = (
  { crypto, text }: Pick<Platform, 'crypto' | 'text'>,
  reply: Outcome<Reply>,
  { vmId, nonce, keys }: Asked,
): ManagerAnswer => {
  if (!reply.ok) return failed(reply.error.message);
  if (reply.value.status !== 200) return refusalIn(reply.value);
  const envelope = parsed(reply.value.body);
  const message = textIn(envelope, 'message');
  const signature = decodeBase64(textIn(envelope, 'signature') ?? '');
  if (message === undefined || signature === undefined) {
    return failed('what answers is no manager');
  }
  const signed = text.encodeUtf8(PURPOSE.answer + message);
  if (!keys.some((key) => crypto.verifyEd25519(key, signed, signature))) return WRONG_MANAGER;
  const fields = parsed(message);
  if (
    fields === undefined ||
    textIn(fields, 'nonce') !== nonce ||
    textIn(fields, 'vm_id') !== vmId
  ) {
    return WRONG_MANAGER;
  }
  return contentOf(fields);
};
