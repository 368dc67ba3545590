/**
 * With which key the agent encrypts, and whether it insists. It insists once the manager has said in
 * a signed answer that it knows that key: until then, to a manager that is older, and to one that was
 * restored from before, there must be a way.
 */
import type { AgentFacts, Health } from '@innkeeper/protocol';
import { encodeBase64Url } from '../auth/base64url.ts';
import type { Platform, TlsIdentity } from '../platform/platform.ts';
import { makeTlsIdentity, publicKeyInfo } from '../tls/certificate.ts';
import type { AgentState } from './agent-state.ts';

export interface AgentTls {
  /** The state with a key, where it had none and there is to be one. */
  complete(state: AgentState): AgentState;
  /** This is the state now. */
  use(state: AgentState): void;
  facts(state: AgentState): Pick<AgentFacts, 'tls_pin' | 'tls_certificate'>;
  /** Called at once where there is a key, and at each change. */
  onIdentity(encrypt: (identity: TlsIdentity) => void): void;
  mode(): Health['tls'];
}

const NO_FACTS = { tls_pin: null, tls_certificate: null } as const;
const NONE: AgentTls = {
  complete: (state) => state,
  use: () => undefined,
  facts: () => NO_FACTS,
  onIdentity: () => undefined,
  mode: () => 'off',
};

export const makeAgentTls = (
  { tls, crypto }: Pick<Platform, 'tls' | 'crypto'>,
  isOn: boolean,
): AgentTls => {
  if (tls === undefined || !isOn) return NONE;
  let current: AgentState | undefined;
  let encrypt: (identity: TlsIdentity) => void = () => undefined;

  return {
    complete: (state) =>
      state.tls === undefined ? { ...state, tls: makeTlsIdentity({ tls, crypto }) } : state,
    use: (state) => {
      const before = current?.tls;
      current = state;
      if (state.tls !== undefined && state.tls !== before) encrypt(state.tls);
    },
    facts: ({ tls: identity }) => {
      if (identity === undefined) return NO_FACTS;
      const info = publicKeyInfo(tls.publicKeyOf(identity.privateKey));
      return {
        tls_pin: encodeBase64Url(crypto.sha256(info)),
        tls_certificate: encodeBase64Url(identity.certificate),
      };
    },
    onIdentity: (listener) => {
      encrypt = listener;
      if (current?.tls !== undefined) encrypt(current.tls);
    },
    mode: () => {
      if (current?.tls === undefined) return 'off';
      return current.isEnrolled && current.isPinned ? 'required' : 'offered';
    },
  };
};
