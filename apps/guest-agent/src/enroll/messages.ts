/** The agent's two messages to its manager, signed by its key. */
import { encodeBase64Url } from '../auth/base64url.ts';
import type { Outcome, Platform } from '../platform/platform.ts';
import type { MachineFacts } from './agent-facts.ts';
import type { AgentState } from './agent-state.ts';
import type { AgentTls } from './agent-tls.ts';
import { hmacSha256 } from './hmac.ts';
import { PURPOSE, readManagerAnswer, type ManagerAnswer } from './manager-answer.ts';
import type { ManagerPlace } from './manager-place.ts';
import { postJson, type Reply } from './post-json.ts';

export interface MessagesDependencies {
  readonly platform: Pick<Platform, 'network' | 'clock' | 'text' | 'crypto'>;
  readonly place: ManagerPlace;
  readonly facts: () => MachineFacts;
  readonly tls: Pick<AgentTls, 'facts'>;
  /** Of the manager, as they are known now. */
  readonly keys: () => readonly Uint8Array[];
}

export interface Messages {
  enroll(state: AgentState, token: string): Promise<ManagerAnswer>;
  report(state: AgentState, challenge: string | undefined): Promise<ManagerAnswer>;
}

const NONCE_BYTES = 32;

export const makeMessages = (dependencies: MessagesDependencies): Messages => {
  const { platform, place, facts, tls, keys } = dependencies;
  const { crypto, text } = platform;

  const newNonce = (): string => encodeBase64Url(crypto.random(NONCE_BYTES));

  const sign = (state: AgentState, purpose: string, message: string): string =>
    encodeBase64Url(crypto.signEd25519(state.privateKey, text.encodeUtf8(purpose + message)));

  const answerTo = async (
    state: AgentState,
    nonce: string,
    reply: Promise<Outcome<Reply>>,
  ): Promise<ManagerAnswer> =>
    readManagerAnswer(platform, await reply, { vmId: state.vmId, nonce, keys: keys() });

  return {
    enroll: async (state, token) => {
      const nonce = newNonce();
      const message = JSON.stringify({
        vm_id: state.vmId,
        token_id: state.tokenId,
        nonce,
        public_key: encodeBase64Url(crypto.publicKeyOf(state.privateKey)),
        counter: state.counter,
        manager_keys: keys().map(encodeBase64Url),
        ...facts(),
        ...tls.facts(state),
      });
      // The token itself stays here: who listens on the way, or answers in the manager's place,
      // could use it up for a key of their own.
      const key = crypto.sha256(text.encodeUtf8(token));
      const proof = hmacSha256(crypto, key, text.encodeUtf8(PURPOSE.enroll + message));
      const signature = sign(state, PURPOSE.enroll, message);
      const body = { message, signature, proof: encodeBase64Url(proof) };
      return answerTo(state, nonce, postJson(platform, place, '/v1/enroll', body));
    },
    report: async (state, challenge) => {
      const nonce = newNonce();
      const message = JSON.stringify({
        vm_id: state.vmId,
        nonce,
        counter: state.counter,
        challenge: challenge ?? null,
        manager_keys: keys().map(encodeBase64Url),
        ...facts(),
        ...tls.facts(state),
      });
      const body = { message, signature: sign(state, PURPOSE.address, message) };
      const path = `/v1/agents/${state.vmId}/address`;
      return answerTo(state, nonce, postJson(platform, place, path, body));
    },
  };
};
