/** What every platform's cryptography must do: RFC 8032 section 7.1, FIPS 180-4. */
import { describe, expect, it } from 'vitest';
import type { Crypto } from '../../platform/platform.ts';
import { latin1Bytes } from '../latin1-bytes.ts';

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const VECTORS = [
  {
    name: 'TEST 1, an empty message',
    privateKey: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    name: 'TEST 2, one byte',
    privateKey: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    name: 'TEST 3, two bytes',
    privateKey: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
] as const;

const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

export const testCrypto = (crypto: Crypto): void => {
  describe('crypto', () => {
    it.each(VECTORS)('signs and verifies $name', (vector) => {
      const privateKey = fromHex(vector.privateKey);
      const message = fromHex(vector.message);
      const signature = fromHex(vector.signature);
      expect(toHex(crypto.publicKeyOf(privateKey))).toBe(vector.publicKey);
      expect(toHex(crypto.signEd25519(privateKey, message))).toBe(vector.signature);
      expect(crypto.verifyEd25519(fromHex(vector.publicKey), message, signature)).toBe(true);
    });

    it('refuses a signature of which anything was changed', () => {
      const privateKey = fromHex(VECTORS[2].privateKey);
      const publicKey = crypto.publicKeyOf(privateKey);
      const message = latin1Bytes('the message');
      const signature = crypto.signEd25519(privateKey, message);
      expect(crypto.verifyEd25519(publicKey, message, signature)).toBe(true);
      for (const at of [0, 31, 32, 63]) {
        expect(crypto.verifyEd25519(publicKey, message, flipped(signature, at))).toBe(false);
      }
      expect(crypto.verifyEd25519(publicKey, flipped(message, 3), signature)).toBe(false);
      expect(crypto.verifyEd25519(flipped(publicKey, 5), message, signature)).toBe(false);
      expect(crypto.verifyEd25519(publicKey, message, signature.slice(0, 63))).toBe(false);
      expect(crypto.verifyEd25519(publicKey, message, new Uint8Array(0))).toBe(false);
    });

    it('refuses a signature whose number is beyond the order of the group', () => {
      // The same signature with the order added to S (RFC 8032 section 5.1.7 forbids it).
      const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
      const signature = fromHex(VECTORS[1].signature);
      const littleEndian = toHex(signature.slice(32).reverse());
      const raised = (BigInt(`0x${littleEndian}`) + order).toString(16).padStart(64, '0');
      const forged = Uint8Array.from([...signature.slice(0, 32), ...fromHex(raised).reverse()]);
      const publicKey = fromHex(VECTORS[1].publicKey);
      expect(crypto.verifyEd25519(publicKey, fromHex(VECTORS[1].message), forged)).toBe(false);
    });

    it.each([
      ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
    ])('hashes with SHA-256', (text, hash) => {
      expect(toHex(crypto.sha256(latin1Bytes(text)))).toBe(hash);
    });

    it('gives as many random bytes as asked for, and never the same', () => {
      for (const count of [0, 1, 16, 32, 1000]) expect(crypto.random(count)).toHaveLength(count);
      const drawn = new Set(Array.from({ length: 100 }, () => toHex(crypto.random(16))));
      expect(drawn.size).toBe(100);
    });
  });
};
