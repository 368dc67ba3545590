import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../platform/node/crypto.ts';
import { nodeText } from '../platform/node/text.ts';
import { makeFakeClock, START_MS } from '../testing/fake-clock.ts';
import { makeManagerKey } from '../testing/manager-key.ts';
import { makeVerifier } from './verifier.ts';

const NOW = START_MS / 1000;
const TEN_MINUTES = 600;

const manager = makeManagerKey();
const nextManager = makeManagerKey();
const stranger = makeManagerKey();

const CLAIMS = { aud: 'vm-1', scope: 'metrics', exp: NOW + TEN_MINUTES };

const setUp = () => {
  const clock = makeFakeClock();
  let checks = 0;
  let keys = [manager.publicKey, nextManager.publicKey];
  const verify = makeVerifier({
    vmId: 'vm-1',
    keys: () => keys,
    crypto: {
      verifyEd25519: (...given) => {
        checks += 1;
        return nodeCrypto.verifyEd25519(...given);
      },
    },
    clock,
    text: nodeText,
  });
  const keepOnly = (key: typeof manager): void => {
    keys = [key.publicKey];
  };
  return { verify, clock, checks: () => checks, keepOnly };
};

describe('makeVerifier', () => {
  it.each([
    ['first', manager],
    ['second', nextManager],
  ])("takes a token that is signed by the manager's %s key", (_, key) => {
    const { verify } = setUp();
    expect(verify(key.mint(CLAIMS))).toEqual({
      ok: true,
      claims: { aud: 'vm-1', scopes: ['metrics'], exp: NOW + TEN_MINUTES },
    });
  });

  const signed = manager.mint(CLAIMS);
  const [header = '', , signature = ''] = signed.split('.');
  const forged = Buffer.from(JSON.stringify({ ...CLAIMS, scope: 'exec' })).toString('base64url');

  it.each([
    ['signed by another key', stranger.mint(CLAIMS), /not signed/u],
    ['whose payload was exchanged', `${header}.${forged}.${signature}`, /not signed/u],
    ['whose signature is another one', `${signed.slice(0, -86)}${'A'.repeat(86)}`, /not signed/u],
    ['for another VM', manager.mint({ ...CLAIMS, aud: 'vm-2' }), /another VM/u],
    [
      'for a VM whose name begins the same',
      manager.mint({ ...CLAIMS, aud: 'vm-11' }),
      /another VM/u,
    ],
    ['that has expired', manager.mint({ ...CLAIMS, exp: NOW }), /expired/u],
    ['that is not valid yet', manager.mint({ ...CLAIMS, nbf: NOW + 6 }), /not valid yet/u],
    ['that is none', 'nonsense', /not an EdDSA token/u],
    ['longer than any honest one', manager.mint({ ...CLAIMS, jti: 'x'.repeat(4096) }), /too long/u],
  ])('refuses a token %s', (_, token, problem) => {
    const verdict = setUp().verify(token);
    expect(verdict.ok ? 'taken' : verdict.problem).toMatch(problem);
  });

  it('takes a token that becomes valid within the difference that clocks have', () => {
    expect(setUp().verify(manager.mint({ ...CLAIMS, nbf: NOW + 5 })).ok).toBe(true);
  });

  it('checks the signature of a token once for as long as it lives', () => {
    const { verify, clock, checks } = setUp();
    const token = manager.mint(CLAIMS);
    for (let second = 0; second < TEN_MINUTES; second += 1) {
      expect(verify(token).ok).toBe(true);
      clock.advance(1000);
    }
    expect(checks()).toBe(1);
  });

  it('refuses a token that it remembers from the moment when it expires', () => {
    const { verify, clock } = setUp();
    const token = manager.mint(CLAIMS);
    verify(token);
    clock.advance(TEN_MINUTES * 1000 - 1);
    expect(verify(token).ok).toBe(true);
    clock.advance(1);
    expect(verify(token)).toMatchObject({ ok: false });
  });

  it('refuses a token that it remembers when the clock is set to before it was valid', () => {
    const { verify, clock } = setUp();
    const token = manager.mint({ ...CLAIMS, nbf: NOW });
    expect(verify(token).ok).toBe(true);
    clock.setWallClock(START_MS - 3_600_000);
    expect(verify(token)).toMatchObject({ ok: false });
  });

  it('does not remember what it has refused', () => {
    const { verify, checks } = setUp();
    const token = stranger.mint(CLAIMS);
    verify(token);
    expect(verify(token).ok).toBe(false);
    expect(checks()).toBe(4);
  });

  it('does not remember a token for another VM', () => {
    const { verify } = setUp();
    const token = manager.mint({ ...CLAIMS, aud: 'vm-2' });
    verify(token);
    expect(verify(token).ok).toBe(false);
  });

  it('spends no signature check on what is no token', () => {
    const { verify, checks } = setUp();
    verify('a.b.c');
    verify('x'.repeat(100_000));
    verify(manager.mintText('{"alg":"none"}', JSON.stringify(CLAIMS)));
    expect(checks()).toBe(0);
  });

  it('remembers a bounded number of tokens, and forgets the oldest', () => {
    const { verify, checks } = setUp();
    const tokens = Array.from({ length: 65 }, (_, index) => manager.mint({ ...CLAIMS, index }));
    for (const token of tokens) verify(token);
    expect(checks()).toBe(65);
    const [oldest = '', ...rest] = tokens;
    for (const token of rest) verify(token);
    expect(checks()).toBe(65);
    expect(verify(oldest).ok).toBe(true);
    expect(checks()).toBe(66);
  });

  it('forgets what a key has signed when the key is taken away', () => {
    const { verify, keepOnly } = setUp();
    const token = manager.mint(CLAIMS);
    expect(verify(token).ok).toBe(true);
    keepOnly(nextManager);
    expect(verify(token).ok).toBe(false);
    expect(verify(nextManager.mint(CLAIMS)).ok).toBe(true);
  });

  it('trusts nobody without a key', () => {
    const clock = makeFakeClock();
    const verify = makeVerifier({
      vmId: 'vm-1',
      keys: () => [],
      crypto: nodeCrypto,
      clock,
      text: nodeText,
    });
    expect(verify(manager.mint(CLAIMS)).ok).toBe(false);
  });
});
