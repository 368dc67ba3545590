/** The messages of an agent, made by hand: right ones, old ones and forged ones. */
import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import {
  addressAnswerSchema,
  signedMessageSchema,
  SIGNED_AS,
  type EnrollmentCreated,
} from '@innkeeper/protocol';
import type { HttpReply } from './http-client.ts';
import type { ManagerProcess } from './manager-process.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface HandMadeAgent {
  /** The body of `POST /v1/enroll`; what is given replaces what is right. */
  enrollBody(created: EnrollmentCreated, fields?: Fields): Fields;
  addressBody(vmId: string, fields?: Fields): Fields;
}

const newNonce = (): string => randomBytes(32).toString('base64url');

const FACTS = {
  boot_id: 'boot-1',
  machine_id_hash: null,
  firmware_id_hash: null,
  hostname: 'by-hand',
  addresses: [],
  agent_port: 8080,
  version: '1.2.3',
  build: 'node',
  architecture: 'x86_64',
  manager_keys: [],
};

export const makeHandMadeAgent = (): HandMadeAgent => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64url');
  const signed = (purpose: string, message: string): string =>
    sign(null, Buffer.from(purpose + message), privateKey).toString('base64url');
  return {
    enrollBody: ({ vm_id, token }, fields) => {
      const message = JSON.stringify({
        ...FACTS,
        vm_id,
        token_id: token.slice(3, 15),
        nonce: newNonce(),
        public_key: raw,
        counter: 0,
        ...fields,
      });
      const key = createHash('sha256').update(token).digest();
      const proof = createHmac('sha256', key).update(SIGNED_AS.enroll + message);
      return {
        message,
        proof: proof.digest('base64url'),
        signature: signed(SIGNED_AS.enroll, message),
      };
    },
    addressBody: (vmId, fields) => {
      const facts = { ...FACTS, vm_id: vmId, nonce: newNonce(), counter: 1, challenge: null };
      const message = JSON.stringify({ ...facts, ...fields });
      return { message, signature: signed(SIGNED_AS.address, message) };
    },
  };
};

/** The manager takes it from a proxy before it, by its public URL: who fails is counted by address. */
export const postFrom = async (
  manager: Pick<ManagerProcess, 'askAs'>,
  from: string,
  path: string,
  json: unknown,
): Promise<HttpReply> =>
  manager.askAs(path, { method: 'POST', json, headers: { 'x-forwarded-for': from } });

const keyOf = (raw: string): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' });

/** What the manager has answered, after its signature was checked. */
export const answerIn = (reply: HttpReply, managerKey: string) => {
  const { message, signature } = signedMessageSchema.parse(reply.json());
  const text = Buffer.from(SIGNED_AS.answer + message);
  if (!verify(null, text, keyOf(managerKey), Buffer.from(signature, 'base64url'))) {
    throw new Error('the answer is not signed by the manager');
  }
  return addressAnswerSchema.parse(JSON.parse(message));
};
