import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/platform.ts';
import type { Platform, TlsIdentity } from '../platform/platform.ts';
import type { AgentState } from './agent-state.ts';
import { makeAgentTls } from './agent-tls.ts';

const STATE: AgentState = {
  vmId: 'vm-1',
  privateKey: new Uint8Array(32),
  tokenId: 'abcdefghijkl',
  isEnrolled: true,
  counter: 1,
  configKeys: [],
  managerKeys: [],
  tls: undefined,
  isPinned: false,
};

describe('an agent that can encrypt', () => {
  it('makes a key once, and names it by its pin and its certificate', () => {
    const tls = makeAgentTls(nodePlatform, true);
    const state = tls.complete(STATE);
    expect(tls.complete(state)).toBe(state);
    const { tls_pin: pin, tls_certificate: certificate } = tls.facts(state);
    const x509 = new X509Certificate(Buffer.from(certificate ?? '', 'base64url'));
    const info = x509.publicKey.export({ type: 'spki', format: 'der' });
    expect(pin).toBe(createHash('sha256').update(info).digest('base64url'));
  });

  it('insists when it is enrolled and its manager knows the key', () => {
    const tls = makeAgentTls(nodePlatform, true);
    expect(tls.mode()).toBe('off');
    const state = tls.complete({ ...STATE, isEnrolled: false });
    tls.use(state);
    expect(tls.mode()).toBe('offered');
    tls.use({ ...state, isEnrolled: true });
    expect(tls.mode()).toBe('offered');
    tls.use({ ...state, isEnrolled: true, isPinned: true });
    expect(tls.mode()).toBe('required');
    tls.use(tls.complete({ ...STATE, isEnrolled: false }));
    expect(tls.mode()).toBe('offered');
  });

  it('says with which key to encrypt, now and when it changes', () => {
    const tls = makeAgentTls(nodePlatform, true);
    const seen: TlsIdentity[] = [];
    const first = tls.complete(STATE);
    tls.use(first);
    tls.onIdentity((identity) => seen.push(identity));
    tls.use({ ...first, counter: 2 });
    const second = tls.complete(STATE);
    tls.use(second);
    expect(seen).toEqual([first.tls, second.tls]);
  });
});

const { tls: _, ...plain } = nodePlatform;

describe.each<[string, Platform, boolean]>([
  ['whose build cannot encrypt', plain, true],
  ['that is not to encrypt', nodePlatform, false],
])('an agent %s', (_name, platform, isOn) => {
  it('has no key, and keeps one that is there for later', () => {
    const tls = makeAgentTls(platform, isOn);
    expect(tls.complete(STATE)).toBe(STATE);
    const withKey = makeAgentTls(nodePlatform, true).complete({ ...STATE, isPinned: true });
    tls.use(withKey);
    tls.onIdentity(() => {
      throw new Error('it has a key');
    });
    expect(tls.complete(withKey)).toBe(withKey);
    expect(tls.mode()).toBe('off');
    expect(tls.facts(withKey)).toEqual({ tls_pin: null, tls_certificate: null });
  });
});
