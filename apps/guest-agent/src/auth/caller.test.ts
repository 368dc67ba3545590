import { describe, expect, it } from 'vitest';
import type { RequestHead } from '../http/request-head.ts';
import { nodeCrypto } from '../platform/node/crypto.ts';
import { nodeText } from '../platform/node/text.ts';
import { makeFakeClock, START_MS } from '../testing/fake-clock.ts';
import { makeManagerKey } from '../testing/manager-key.ts';
import { makeCallerOf } from './caller.ts';
import { makeLongestBody } from './longest-body.ts';
import { makeVerifier } from './verifier.ts';

const manager = makeManagerKey();
const stranger = makeManagerKey();
const claims = { aud: 'vm-1', scope: 'exec logs', exp: START_MS / 1000 + 60, sub: 'ann' };

const callerOf = makeCallerOf(
  makeVerifier({
    vmId: 'vm-1',
    keys: () => [manager.publicKey],
    crypto: nodeCrypto,
    clock: makeFakeClock(),
    text: nodeText,
  }),
);

const withToken = (token: string): ReadonlyMap<string, string> =>
  new Map([['authorization', `Bearer ${token}`]]);

describe('makeCallerOf', () => {
  it('names who asks, and what they may', () => {
    expect(callerOf(withToken(manager.mint(claims)))).toEqual({
      subject: 'ann',
      scopes: ['exec', 'logs'],
    });
  });

  it('cuts a name, which is only for the log', () => {
    const { subject } = callerOf(withToken(manager.mint({ ...claims, sub: 'x'.repeat(999) })));
    expect(subject).toHaveLength(200);
  });

  it.each([
    ['no token', new Map<string, string>()],
    ["another manager's token", withToken(stranger.mint(claims))],
    ['an expired token', withToken(manager.mint({ ...claims, exp: 1 }))],
    ['nonsense', withToken('x')],
  ])('knows nobody by %s', (_, headers) => {
    expect(callerOf(headers)).toEqual({ subject: undefined, scopes: [] });
  });

  it('knows nobody before enrolment', () => {
    expect(makeCallerOf(undefined)(withToken(manager.mint(claims))).scopes).toEqual([]);
  });
});

describe('makeLongestBody', () => {
  const longest = makeLongestBody(callerOf, 3_000_000);
  const head = (method: string, target: string, scope: string | undefined): RequestHead => ({
    method,
    target,
    headers: scope === undefined ? new Map() : withToken(manager.mint({ ...claims, scope })),
    framing: { kind: 'chunked' },
    keepAlive: true,
    expectsContinue: false,
  });

  it.each([
    ['POST', '/exec', 'exec', 2 * 1024 * 1024],
    ['PUT', '/files?path=/a', 'files', 3_000_000],
    ['POST', '/rpc', 'files', 4_065_536],
    ['POST', '/exec', 'files', undefined],
    ['POST', '/exec', undefined, undefined],
    ['GET', '/files?path=/a', 'files', undefined],
    ['POST', '/power', 'power exec files', undefined],
    ['PUT', '/filesx', 'files', undefined],
  ])('%s %s with the scope %s', (method, target, scope, expected) => {
    expect(longest(head(method, target, scope))).toBe(expected);
  });
});
