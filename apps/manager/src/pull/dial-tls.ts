/**
 * TLS to an agent that is known by its key. The connection is open, and the first byte of a request
 * is sent, when whoever answers has shown that it has that key; the rest of its certificate does not
 * matter. What was agreed with a key is taken up again by later connections, which saves both sides
 * the work of a whole handshake.
 */
import { constants, createHash, timingSafeEqual, type X509Certificate } from 'node:crypto';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';

export interface TlsAddress {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the key's SubjectPublicKeyInfo, in base64url. */
  readonly tlsPin: string;
}

export type DialTls = (address: TlsAddress, onOpen: () => void) => TLSSocket;

/** For `connection-failure.ts`. */
export const WRONG_KEY = 'INNKEEPER_WRONG_KEY';

/** Two kilobytes each. */
const MAX_SESSIONS = 4096;

const wrongKey = (): Error =>
  Object.assign(
    new Error(
      'it has another TLS key than the agent has reported, so nothing was asked; ' +
        'enrol it again if it was installed anew',
    ),
    { code: WRONG_KEY },
  );

/** Undefined where there is none, or none that can be read: anybody may answer with anything. */
export const pinOf = (certificate: X509Certificate | undefined): Buffer | undefined => {
  try {
    const info = certificate?.publicKey.export({ type: 'spki', format: 'der' });
    return info && createHash('sha256').update(info).digest();
  } catch {
    return undefined;
  }
};

const hasKey = (certificate: X509Certificate | undefined, tlsPin: string): boolean => {
  const found = pinOf(certificate);
  const pin = Buffer.from(tlsPin, 'base64url');
  return found !== undefined && pin.length === found.length && timingSafeEqual(pin, found);
};

const makeContext = (): SecureContext =>
  createSecureContext({
    minVersion: 'TLSv1.2',
    // Nobody's authority counts: reading those of this machine would be the greater part of the work.
    ca: [],
    // Whose key was looked at stays who it was.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });

export const makeDialTls = (): DialTls => {
  let context: SecureContext | undefined;
  /** By pin: of no other key, whatever the address. The oldest first. */
  const sessions = new Map<string, Buffer>();

  const remember = (tlsPin: string, session: Buffer): void => {
    sessions.delete(tlsPin);
    sessions.set(tlsPin, session);
    if (sessions.size <= MAX_SESSIONS) return;
    for (const oldest of sessions.keys()) {
      sessions.delete(oldest);
      return;
    }
  };

  return ({ host, port, tlsPin }, onOpen) => {
    context ??= makeContext();
    const session = sessions.get(tlsPin);
    let isIts = false;
    const socket = connect({
      host,
      port,
      // An address, never a name: nothing is looked up, and no name is told.
      servername: '',
      secureContext: context,
      // Nobody has signed the certificate but the key itself: that is what is looked at.
      rejectUnauthorized: false,
      ...(session !== undefined && { session }),
    });
    socket.setNoDelay(true);
    socket.once('secureConnect', () => {
      // Who takes up a session was there when it was agreed, with the key; there is no certificate then.
      const isResumed = session !== undefined && socket.isSessionReused();
      isIts = isResumed || hasKey(socket.getPeerX509Certificate(), tlsPin);
      if (isIts) onOpen();
      else socket.destroy(wrongKey());
    });
    socket.on('session', (agreed: Buffer) => {
      // TLS 1.2 tells it before `secureConnect`, with a key that nobody has looked at yet.
      if (isIts) remember(tlsPin, agreed);
      else socket.once('secureConnect', () => isIts && remember(tlsPin, agreed));
    });
    // One that does not work is not tried twice.
    socket.once('error', () => sessions.delete(tlsPin));
    return socket;
  };
};
