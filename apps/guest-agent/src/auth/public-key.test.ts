import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeManagerKey } from '../testing/manager-key.ts';
import { parsePublicKey } from './public-key.ts';

const { publicKey, publicKeyObject } = makeManagerKey();
const raw = Buffer.from(publicKey);
const der = publicKeyObject.export({ format: 'der', type: 'spki' });
const pem = publicKeyObject.export({ format: 'pem', type: 'spki' }).toString();
const jwk = publicKeyObject.export({ format: 'jwk' });

describe('parsePublicKey', () => {
  it.each([
    ['the raw bytes in base64', raw.toString('base64')],
    ['the raw bytes in base64url', raw.toString('base64url')],
    ['SubjectPublicKeyInfo in base64', der.toString('base64')],
    ['SubjectPublicKeyInfo in base64url', der.toString('base64url')],
    ['PEM', pem],
    ['PEM with the line ends of Windows', pem.replaceAll('\n', '\r\n')],
    ['PEM on one line', pem.replaceAll('\n', '')],
    ['base64 with a line end after it', `${raw.toString('base64')}\n`],
    ['a JSON Web Key', jwk],
    ['a JSON Web Key with more members', { ...jwk, kid: 'a', use: 'sig', alg: 'EdDSA' }],
  ])('reads %s', (_, value) => {
    expect(parsePublicKey(value)).toEqual(publicKey);
  });

  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const x25519 = generateKeyPairSync('x25519');
  const ed25519 = generateKeyPairSync('ed25519');

  it.each([
    ['nothing', ''],
    ['31 bytes', raw.subarray(1).toString('base64')],
    ['33 bytes', Buffer.concat([raw, Buffer.of(0)]).toString('base64')],
    ['44 bytes that are no key', Buffer.alloc(44).toString('base64')],
    ['hexadecimal', raw.toString('hex')],
    ['what is not base64', '*'.repeat(43)],
    ['a key of another curve', p256.publicKey.export({ format: 'pem', type: 'spki' }).toString()],
    [
      'a key to agree, not to sign',
      x25519.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    ],
    ['a private key', ed25519.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()],
    ['two keys', pem + pem],
    ['a JSON Web Key of another type', { ...jwk, kty: 'EC' }],
    ['a JSON Web Key of another curve', { ...jwk, crv: 'X25519' }],
    ['a JSON Web Key of a short key', { ...jwk, x: 'AAAA' }],
    ['a JSON Web Key without a key', { kty: 'OKP', crv: 'Ed25519' }],
    ['a JSON Web Key whose key is a number', { ...jwk, x: 7 }],
    ['a number', 7],
    ['null', null],
    ['undefined', undefined],
    ['a list', [raw.toString('base64')]],
  ])('refuses %s', (_, value) => {
    expect(parsePublicKey(value)).toBeUndefined();
  });

  it('gives a key that Node takes for the same', () => {
    const parsed = parsePublicKey(pem);
    const x = Buffer.from(parsed ?? []).toString('base64url');
    const again = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(again.equals(publicKeyObject)).toBe(true);
  });
});
