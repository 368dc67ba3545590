/** P-256 keys from Node's OpenSSL, and TLS on sockets that have begun with it. */
import { constants, createECDH, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import type { Tls, TlsIdentity } from '../platform.ts';

const CURVE = 'prime256v1';
const KEY_BYTES = 32;
/** What stands before the number in PKCS #8 of RFC 5915, without the point, which OpenSSL works out. */
const PKCS8_PREFIX = Buffer.from(
  '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420',
  'hex',
);

const privateKeyFrom = (raw: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, raw]), format: 'der', type: 'pkcs8' });

export const nodeTls: Tls = {
  newPrivateKey: () => {
    const pair = createECDH(CURVE);
    pair.generateKeys();
    const number = pair.getPrivateKey();
    // Without its zeros in front.
    return Buffer.concat([Buffer.alloc(KEY_BYTES - number.length), number]);
  },
  publicKeyOf: (privateKey) => {
    const pair = createECDH(CURVE);
    pair.setPrivateKey(privateKey);
    return pair.getPublicKey();
  },
  sign: (privateKey, message) => sign('sha256', message, privateKeyFrom(privateKey)),
};

const pemOf = (certificate: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate).toString('base64')}\n-----END CERTIFICATE-----\n`;

/** It has the keys of its session tickets, so there is one for all connections. */
export const secureContextOf = ({ privateKey, certificate }: TlsIdentity): SecureContext =>
  createSecureContext({
    key: privateKeyFrom(privateKey).export({ format: 'pem', type: 'pkcs8' }),
    cert: pemOf(certificate),
    minVersion: 'TLSv1.2',
    ecdhCurve: 'X25519:P-256',
    // Who has a connection cannot make the agent work on it for nothing.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });

/** The socket that decrypts what comes on this one, of which `first` has been read already. */
export const openTls = (
  socket: Socket,
  first: Uint8Array,
  secureContext: SecureContext,
  onSecure: () => void,
): TLSSocket => {
  socket.pause();
  socket.unshift(first);
  const encrypted = new TLSSocket(socket, { isServer: true, secureContext });
  encrypted.once('secure', onSecure);
  // Of a handshake, and of records that are damaged: without a server of Node's they are told here.
  encrypted.on('_tlsError', () => encrypted.destroy());
  return encrypted;
};
