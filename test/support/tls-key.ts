/** A key for TLS with a certificate as agents have them, and its pin. */
import { nodePlatform } from '../../apps/guest-agent/src/platform/node/platform.ts';
import { nodeTls } from '../../apps/guest-agent/src/platform/node/tls.ts';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { makeTlsIdentity } from '../../apps/guest-agent/src/tls/certificate.ts';

export interface TlsKey {
  readonly pin: string;
  readonly certificate: Buffer;
  readonly pem: { readonly key: string; readonly cert: string };
}

export const makeTlsKey = (): TlsKey => {
  const { privateKey, certificate } = makeTlsIdentity({
    tls: nodeTls,
    crypto: nodePlatform.crypto,
  });
  const x509 = new X509Certificate(certificate);
  const { publicKey } = x509;
  const d = Buffer.from(privateKey).toString('base64url');
  const key = createPrivateKey({
    key: { ...publicKey.export({ format: 'jwk' }), d },
    format: 'jwk',
  });
  const info = publicKey.export({ type: 'spki', format: 'der' });
  return {
    pin: createHash('sha256').update(info).digest('base64url'),
    certificate: Buffer.from(certificate),
    pem: { key: key.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: x509.toString() },
  };
};
