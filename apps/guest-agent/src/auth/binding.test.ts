import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../platform/node/crypto.ts';
import { makeFakeClock, START_MS } from '../testing/fake-clock.ts';
import { latin1Bytes } from '../testing/latin1-bytes.ts';
import { makeRequest } from '../testing/make-request.ts';
import { makeBindingCheck } from './binding.ts';
import type { Claims } from './token.ts';

/** Two seconds after the agent's start. */
const NOW = START_MS / 1000 + 2;
const BODY = latin1Bytes('{"argv":["true"]}');
/** printf '{"argv":["true"]}' | openssl dgst -sha256 -binary | basenc --base64url */
const BODY_HASH = 'XcksDeAs53kYcahZHu9G4Yuf9esAsHAwcPyUUtQcwIM';

const REQUEST = makeRequest({ method: 'POST', target: '/exec?id=7', body: BODY });

const CLAIMS: Claims = {
  aud: 'vm-1',
  scopes: ['exec'],
  exp: NOW + 60,
  htm: 'POST',
  htu: '/exec?id=7',
  bsh: BODY_HASH,
  jti: 'once',
  iat: NOW - 0.5,
};

const setUp = () => {
  const clock = makeFakeClock();
  const check = makeBindingCheck({ crypto: nodeCrypto, clock });
  clock.advance(2000);
  return { clock, check };
};

const without = (name: 'htm' | 'htu' | 'bsh' | 'jti' | 'iat'): Claims => {
  const { [name]: _, ...rest } = CLAIMS;
  return rest;
};

describe('makeBindingCheck', () => {
  it('takes the token that names just this request', () => {
    expect(setUp().check(CLAIMS, REQUEST)).toBeUndefined();
  });

  it.each(['htm', 'htu', 'bsh', 'jti', 'iat'] as const)('refuses a token without %s', (name) => {
    expect(setUp().check(without(name), REQUEST)).toMatch(/htm, htu, bsh, jti and iat/u);
  });

  it.each([
    ['another method', { htm: 'PUT' }, /for PUT/u],
    ['the method in small letters', { htm: 'post' }, /for post/u],
    ['another path', { htu: '/files?id=7' }, /htu/u],
    ['another query', { htu: '/exec?id=8' }, /htu/u],
    ['no query', { htu: '/exec' }, /htu/u],
    ['a longer query', { htu: '/exec?id=7&x=1' }, /htu/u],
    ['another spelling of the path', { htu: '/%65xec?id=7' }, /htu/u],
    ['a URL of the same length', { htu: 'https://vm/files' }, /htu/u],
    ['a URL without a path', { htu: 'https://vm' }, /htu/u],
    ['a URL of another scheme', { htu: 'ftp://vm/exec?id=7' }, /htu/u],
    ['another body', { bsh: Buffer.alloc(32).toString('base64url') }, /bsh/u],
    ['the hash in the other alphabet', { bsh: `${BODY_HASH}=` }, /bsh/u],
    ['an empty id', { jti: '' }, /jti/u],
    ['an id that is too long', { jti: 'x'.repeat(129) }, /jti/u],
    ['a time before the agent started', { iat: NOW - 2 }, /older than this agent process/u],
    ['a time long before', { iat: 0 }, /older than this agent process/u],
    ['a time to come', { iat: NOW + 0.001 }, /in the future/u],
    ['too long a life', { exp: NOW + 301 }, /300 s/u],
  ])('refuses a token for %s', (_, change, problem) => {
    expect(setUp().check({ ...CLAIMS, ...change }, REQUEST)).toMatch(problem);
  });

  it.each(['http://192.0.2.7:8080/exec?id=7', 'https://vm-1.example/exec?id=7'])(
    'takes %s for its path and query',
    (htu) => {
      expect(setUp().check({ ...CLAIMS, htu }, REQUEST)).toBeUndefined();
    },
  );

  it('hashes an empty body like any other', () => {
    const bsh = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
    const request = makeRequest({ method: 'DELETE', target: '/exec/7' });
    const claims = { ...CLAIMS, htm: 'DELETE', htu: '/exec/7', bsh };
    expect(setUp().check(claims, request)).toBeUndefined();
  });

  it('takes the longest life that is allowed', () => {
    expect(setUp().check({ ...CLAIMS, exp: NOW + 300 }, REQUEST)).toBeUndefined();
  });

  it('takes each id once, for as long as its token lives', () => {
    const { check, clock } = setUp();
    expect(check(CLAIMS, REQUEST)).toBeUndefined();
    expect(check(CLAIMS, REQUEST)).toMatch(/used before/u);
    expect(check({ ...CLAIMS, jti: 'another' }, REQUEST)).toBeUndefined();
    clock.advance(59_999);
    expect(check(CLAIMS, REQUEST)).toMatch(/used before/u);
  });

  it('does not use up an id in a request that it refuses', () => {
    const { check } = setUp();
    expect(check({ ...CLAIMS, htu: '/other' }, REQUEST)).toMatch(/htu/u);
    expect(check(CLAIMS, REQUEST)).toBeUndefined();
  });

  it('refuses further changes rather than forget an id too early, and recovers', () => {
    const { check, clock } = setUp();
    for (let index = 0; index < 4096; index += 1) {
      expect(check({ ...CLAIMS, jti: `id-${index}` }, REQUEST)).toBeUndefined();
    }
    expect(check({ ...CLAIMS, jti: 'one more' }, REQUEST)).toMatch(/too many/u);
    expect(check({ ...CLAIMS, jti: 'id-0' }, REQUEST)).toMatch(/used before/u);
    clock.advance(60_000);
    expect(check({ ...CLAIMS, jti: 'one more', exp: NOW + 120 }, REQUEST)).toBeUndefined();
  });

  it('takes the moments from just after its start to now', () => {
    const { check } = setUp();
    expect(check({ ...CLAIMS, jti: 'first', iat: NOW - 1.999 }, REQUEST)).toBeUndefined();
    expect(check({ ...CLAIMS, jti: 'last', iat: NOW }, REQUEST)).toBeUndefined();
  });

  it('cannot be made to take a used token again by a restart, whenever that comes', () => {
    const { check, clock } = setUp();
    const used = { ...CLAIMS, iat: clock.nowMs() / 1000 };
    expect(check(used, REQUEST)).toBeUndefined();
    for (const passedMs of [0, 1, 999, 30_000]) {
      clock.advance(passedMs);
      const restarted = makeBindingCheck({ crypto: nodeCrypto, clock });
      expect(restarted(used, REQUEST)).toMatch(/older than this agent process/u);
    }
  });

  it.each([-7_200_000, 7_200_000])('goes by the clock as it was set by %i ms', (jumpMs) => {
    const { check, clock } = setUp();
    clock.setWallClock(clock.nowMs() + jumpMs);
    const now = clock.nowMs() / 1000;
    const claims = { ...CLAIMS, exp: now + 60 };
    expect(check({ ...claims, iat: now - 2 }, REQUEST)).toMatch(/older/u);
    expect(check({ ...claims, iat: now - 1 }, REQUEST)).toBeUndefined();
  });
});
