import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/platform.ts';
import { nodeTls } from '../platform/node/tls.ts';
import { makeTlsIdentity, publicKeyInfo } from './certificate.ts';
import { der, OCTET_STRING } from './der.ts';

const platform = { tls: nodeTls, crypto: nodePlatform.crypto };
const made = () => {
  const identity = makeTlsIdentity(platform);
  return { ...identity, x509: new X509Certificate(identity.certificate) };
};

describe('the certificate', () => {
  it('is one that OpenSSL reads to its last byte', () => {
    const { certificate, x509 } = made();
    expect(x509.raw.equals(certificate)).toBe(true);
    expect(x509.subject).toBe('CN=innkeeper-agent');
    expect(x509.issuer).toBe('CN=innkeeper-agent');
    expect(x509.subjectAltName).toBe('DNS:innkeeper-agent');
    expect(x509.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(x509.ca).toBe(false);
    expect(x509.validFrom).toBe('Jan  1 00:00:00 2020 GMT');
    expect(x509.validTo).toBe('Dec 31 23:59:59 9999 GMT');
    expect(x509.checkHost('innkeeper-agent')).toBe('innkeeper-agent');
  });

  it('is signed by the key that is in it', () => {
    for (let count = 0; count < 20; count += 1) {
      const { x509 } = made();
      expect(x509.verify(x509.publicKey)).toBe(true);
    }
  });

  it('has the key in the form that its pin is made of', () => {
    const { privateKey, x509 } = made();
    const exported = x509.publicKey.export({ type: 'spki', format: 'der' });
    expect(Buffer.from(publicKeyInfo(nodeTls.publicKeyOf(privateKey)))).toEqual(exported);
    expect(x509.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  });

  it('is another each time, with another number', () => {
    const all = Array.from({ length: 50 }, made);
    const numbers = new Set(all.map(({ x509 }) => x509.serialNumber));
    const keys = new Set(
      all.map(({ privateKey }) => createHash('sha256').update(privateKey).digest('hex')),
    );
    expect(numbers.size).toBe(50);
    expect(keys.size).toBe(50);
    for (const number of numbers) expect(number).toMatch(/^[4-7][\dA-F]{31}$/u);
  });
});

describe('der', () => {
  it.each([
    [0, '0400'],
    [1, '0401'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_535, '0482ffff'],
  ])('writes the length %i', (length, head) => {
    const bytes = der(OCTET_STRING, new Uint8Array(length));
    expect(Buffer.from(bytes.subarray(0, head.length / 2)).toString('hex')).toBe(head);
    expect(bytes).toHaveLength(head.length / 2 + length);
  });
});
