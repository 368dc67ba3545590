import { generateKeyPairSync, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/platform.ts';
import { PURPOSE, readManagerAnswer } from './manager-answer.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const KEY = Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
const KEY_TEXT = Buffer.from(KEY).toString('base64url');
const ASKED = { vmId: 'vm-1', nonce: 'n-1', keys: [KEY] };
const GOOD = {
  result: 'registered',
  nonce: 'n-1',
  vm_id: 'vm-1',
  guest_ip: '10.0.0.5',
  address_problem: null,
  manager_keys: [KEY_TEXT],
};

const answered = (status: number, body: string, asked = ASKED) =>
  readManagerAnswer(nodePlatform, { ok: true, value: { status, body } }, asked);
const signed = (fields: unknown, purpose: string = PURPOSE.answer): string => {
  const message = JSON.stringify(fields);
  const signature = sign(null, Buffer.from(purpose + message), privateKey).toString('base64url');
  return JSON.stringify({ message, signature });
};

describe('an answer of the manager', () => {
  it('counts where a known key has signed it for this question', () => {
    expect(answered(200, signed(GOOD))).toEqual({
      kind: 'registered',
      guestIp: '10.0.0.5',
      addressProblem: undefined,
      managerKeys: [KEY_TEXT],
    });
    const problem = { ...GOOD, guest_ip: null, address_problem: { code: 'x', message: 'open it' } };
    expect(answered(200, signed(problem))).toMatchObject({
      guestIp: undefined,
      addressProblem: 'open it',
    });
    const behind = { ...GOOD, result: 'behind', counter: 7, challenge: 'c' };
    expect(answered(200, signed(behind))).toEqual({ kind: 'behind', counter: 7, challenge: 'c' });
  });

  it.each([
    ['another key', signed(GOOD), { ...ASKED, keys: [new Uint8Array(32).fill(1)] }],
    ['no key at all', signed(GOOD), { ...ASKED, keys: [] }],
    ['another purpose', signed(GOOD, PURPOSE.address), ASKED],
    ['another question', signed({ ...GOOD, nonce: 'n-2' }), ASKED],
    ['another agent', signed({ ...GOOD, vm_id: 'vm-2' }), ASKED],
    ['nobody', JSON.stringify({ message: JSON.stringify(GOOD), signature: 'AAAA' }), ASKED],
  ])('is of the wrong manager where it is signed by or for %s', (_, body, asked) => {
    expect(answered(200, body, asked)).toMatchObject({ kind: 'refused', code: 'wrong_manager' });
  });

  it.each([
    ['no keys', { manager_keys: [] }],
    ['three keys', { manager_keys: [KEY_TEXT, KEY_TEXT, KEY_TEXT] }],
    ['a key that is none', { manager_keys: ['AAAA'] }],
    ['a key that is no text', { manager_keys: [KEY_TEXT, 7] }],
    ['another result', { result: 'else' }],
    ['a counter that is none', { result: 'behind', counter: 'x', challenge: 'c' }],
  ])('with %s is not understood, and asked for again', (_, change) => {
    expect(answered(200, signed({ ...GOOD, ...change })).kind).toBe('failed');
  });

  it('is a refusal for good only where the manager says one that is', () => {
    const refusal = (code: string) => JSON.stringify({ error: { code, message: 'do this' } });
    expect(answered(403, refusal('token_used'))).toEqual({
      kind: 'refused',
      code: 'token_used',
      message: 'do this',
    });
    for (const [status, body] of [
      [500, refusal('token_used')],
      [429, refusal('too_many_attempts')],
      [503, refusal('database_unavailable')],
      [404, refusal('not_found')],
      [502, '<html>bad gateway</html>'],
      [301, ''],
      [200, '<html>sign in to this network</html>'],
      [200, '{}'],
    ] as const) {
      expect(answered(status, body).kind, `${status} ${body}`).toBe('failed');
    }
  });

  it('is bounded where it goes into the log', () => {
    const body = JSON.stringify({ error: { code: 'token_used', message: 'x'.repeat(10_000) } });
    const answer = answered(403, body);
    expect(answer.kind === 'refused' ? answer.message.length : 0).toBe(600);
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.json(), (status, body) => {
        expect(['refused', 'failed']).toContain(answered(status, body).kind);
      }),
    );
  });
});
