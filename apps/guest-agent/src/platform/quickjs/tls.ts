/** Keys of P-256 and TLS 1.2, from BearSSL (`native/tls.c`). Only the larger build has them. */
import type { Tls, TlsIdentity } from '../platform.ts';
import { plainCarrier, type Carrier } from './carrier.ts';

/** Of errno(3). */
const AGAIN = -11;
/** Of TLS's record layer: a handshake. No request begins with it. */
const HANDSHAKE = 0x16;

const ENCRYPTED = 1;
const UNSENT = 2;

export interface QuickjsTls {
  readonly keys: Tls;
  /** For connections of which the first byte tells what they are. */
  carriers(identity: TlsIdentity): (descriptor: number) => Carrier;
}

const tlsCarrier = (descriptor: number, identity: object): Carrier => {
  const session = native.tlsSession(identity, descriptor);
  const has = (bit: number): boolean => (native.tlsState(session) & bit) !== 0;
  return {
    receive: () => native.tlsReceive(session),
    write: (bytes, start) => native.tlsWrite(session, bytes, start),
    // What the agent has to say waits for the end of the handshake.
    waitsToWrite: (hasPending) => has(UNSENT) || (hasPending && has(ENCRYPTED)),
    shutdown: () => native.tlsShutdown(session),
    encrypted: () => has(ENCRYPTED),
    isAside: () => !has(ENCRYPTED),
    close: () => {
      native.tlsClose(session);
      native.close(descriptor);
    },
  };
};

const eitherCarrier = (descriptor: number, identity: object): Carrier => {
  const plain = plainCarrier(descriptor);
  let decided: Carrier | undefined;
  return {
    receive: (most) => {
      if (decided === undefined) {
        const first = native.firstByte(descriptor);
        if (first < 0) return first;
        if (first === HANDSHAKE) {
          decided = tlsCarrier(descriptor, identity);
          // Its turn comes aside.
          return AGAIN;
        }
        decided = plain;
      }
      return decided.receive(most);
    },
    write: (bytes, start) => decided?.write(bytes, start) ?? AGAIN,
    waitsToWrite: (hasPending) => decided?.waitsToWrite(hasPending) ?? false,
    shutdown: () => (decided ?? plain).shutdown(),
    encrypted: () => decided?.encrypted() ?? false,
    isAside: () => decided?.isAside() ?? false,
    close: () => (decided ?? plain).close(),
  };
};

export const quickjsTls: QuickjsTls = {
  keys: {
    newPrivateKey: () => native.newTlsKey(),
    publicKeyOf: (privateKey) => native.tlsPublicKeyOf(privateKey),
    sign: (privateKey, message) => native.tlsSign(privateKey, native.sha256(message)),
  },
  carriers: ({ privateKey, certificate }) => {
    // It keeps the sessions that clients may come back to, so there is one for all connections.
    const identity = native.tlsIdentity(privateKey, certificate);
    return (descriptor) => eitherCarrier(descriptor, identity);
  },
};
