/** The agent's own checks of these tokens are in test/integration/manager-pull-agent.test.ts. */
import { generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeTokenMinter } from './token-minter.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const claimsSchema = z.strictObject({
  aud: z.string(),
  scope: z.string(),
  nbf: z.int().nonnegative(),
  exp: z.int().positive(),
});

const START = Date.UTC(2026, 2, 1) / 1000;

const make = (maxKept?: number) => {
  let nowSeconds = START;
  let signingKey = privateKey;
  const mint = makeTokenMinter({
    signingKey: () => signingKey,
    clock: { now: () => nowSeconds * 1000 + 400 },
    ...(maxKept !== undefined && { maxKept }),
  });
  return {
    mint: (audience: string, clockOffsetSeconds = 0, scope: 'metrics' | 'host' = 'metrics') =>
      mint({ audience, scope, clockOffsetSeconds }),
    changeKey: (): void => {
      signingKey = generateKeyPairSync('ed25519').privateKey;
    },
    pass: (seconds: number): void => {
      nowSeconds += seconds;
    },
  };
};

const decode = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
const claimsOf = (token: string) => claimsSchema.parse(decode(token.split('.')[1]));

describe('a token', () => {
  test('is signed, for one agent and one scope, from a minute ago for ten minutes', () => {
    const token = make().mint('vm-1');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const message = Buffer.from(`${header}.${payload}`);
    expect(verify(null, message, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(decode(header)).toEqual({ alg: 'EdDSA', typ: 'JWT' });
    const times = { nbf: START - 60, exp: START + 600 };
    expect(claimsOf(token)).toEqual({ aud: 'vm-1', scope: 'metrics', ...times });
  });

  test('is used again until two minutes before its end', () => {
    const { mint, pass } = make();
    const first = mint('vm-1');
    pass(479);
    expect(mint('vm-1')).toBe(first);
    pass(1);
    const second = mint('vm-1');
    expect(second).not.toBe(first);
    expect(claimsOf(second).exp).toBe(START + 480 + 600);
  });

  test('of another agent or scope is another token, and none pushes the other out', () => {
    const { mint } = make();
    const [a, b, host] = [mint('vm-1'), mint('vm-2'), mint('vm-1', 0, 'host')];
    expect(new Set([a, b, host]).size).toBe(3);
    expect([mint('vm-1'), mint('vm-2'), mint('vm-1', 0, 'host')]).toEqual([a, b, host]);
    expect(claimsOf(host)).toMatchObject({ aud: 'vm-1', scope: 'host' });
  });

  test("is signed by the agent's clock, and anew when that is found to be another", () => {
    const { mint } = make();
    const first = mint('vm-1');
    expect(mint('vm-1', 30)).toBe(first);
    const second = mint('vm-1', 3600);
    expect(claimsOf(second)).toMatchObject({ nbf: START + 3540, exp: START + 4200 });
    expect(mint('vm-1', 3595)).toBe(second);
    expect(claimsOf(mint('vm-1', -3600)).exp).toBe(START - 3000);
  });

  test('is signed anew when another key signs', () => {
    const { mint, changeKey } = make();
    const first = mint('vm-1');
    changeKey();
    const second = mint('vm-1');
    expect(second).not.toBe(first);
    expect(mint('vm-1')).toBe(second);
  });

  test('for a clock before 1970 has no negative times', () => {
    const { mint } = make();
    expect(claimsOf(mint('vm-1', -2 * START))).toMatchObject({ nbf: 0, exp: 600 });
  });

  test('is kept for so many agents and no more', () => {
    const { mint, pass } = make(2);
    const first = mint('vm-1');
    mint('vm-2');
    mint('vm-3');
    pass(1);
    expect(mint('vm-1')).not.toBe(first);
  });

  test('is signed anew when the clock was set back to a time before it', () => {
    const { mint, pass } = make();
    mint('vm-1');
    pass(-86_400);
    expect(claimsOf(mint('vm-1'))).toMatchObject({ nbf: START - 86_460, exp: START - 85_800 });
  });

  test('is not kept longer than it is good, also where nobody asks that agent any more', () => {
    const { mint, pass } = make();
    const first = mint('vm-of-the-past');
    pass(600);
    mint('vm-2');
    // Only a clock that goes back shows whether it is still there.
    pass(-300);
    expect(mint('vm-of-the-past')).not.toBe(first);
  });
});
