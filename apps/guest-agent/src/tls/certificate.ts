/**
 * The agent's certificate (RFC 5280), signed by the key that is in it. Who connects knows the key
 * already, so what else it says is the same for all agents: one name, and no end.
 */
import type { Platform, TlsIdentity } from '../platform/platform.ts';
import { BIT_STRING, der, INTEGER, OCTET_STRING, SEQUENCE, SET, UTF8_STRING } from './der.ts';

/** For clients that compare names, such as Prometheus (`server_name`). */
const CERTIFICATE_NAME = 'innkeeper-agent';

const SERIAL_BYTES = 16;
/** Object identifiers, with their tags. */
const OID = {
  ecPublicKey: [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
  p256: [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
  ecdsaWithSha256: [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x06, 0x03, 0x55, 0x04, 0x03],
  keyUsage: [0x06, 0x03, 0x55, 0x1d, 0x0f],
  subjectAltName: [0x06, 0x03, 0x55, 0x1d, 0x11],
  basicConstraints: [0x06, 0x03, 0x55, 0x1d, 0x13],
  extendedKeyUsage: [0x06, 0x03, 0x55, 0x1d, 0x25],
  serverAuth: [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
} as const;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** Long ago, for guests whose clock is behind. */
const NOT_BEFORE = '200101000000Z';
/** RFC 5280 section 4.1.2.5: there is no date to name. */
const NOT_AFTER = '99991231235959Z';
const DNS_NAME = 0x82;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const CRITICAL = [0x01, 0x01, 0xff] as const;
const DIGITAL_SIGNATURE = [0x07, 0x80] as const;
/** A BIT STRING says first how many bits of its last byte are none. */
const WHOLE = [0] as const;

const ascii = (text: string): readonly number[] =>
  Array.from(text, (character) => character.charCodeAt(0));

/** SubjectPublicKeyInfo: what the pin is the SHA-256 of. */
export const publicKeyInfo = (publicKey: Uint8Array): Uint8Array =>
  der(SEQUENCE, der(SEQUENCE, OID.ecPublicKey, OID.p256), der(BIT_STRING, WHOLE, publicKey));

const extensions = (): Uint8Array => {
  const name = ascii(CERTIFICATE_NAME);
  return der(
    EXTENSIONS,
    der(
      SEQUENCE,
      // Nobody's authority, not even its own.
      der(SEQUENCE, OID.basicConstraints, CRITICAL, der(OCTET_STRING, der(SEQUENCE))),
      der(SEQUENCE, OID.keyUsage, CRITICAL, der(OCTET_STRING, der(BIT_STRING, DIGITAL_SIGNATURE))),
      der(SEQUENCE, OID.extendedKeyUsage, der(OCTET_STRING, der(SEQUENCE, OID.serverAuth))),
      der(SEQUENCE, OID.subjectAltName, der(OCTET_STRING, der(SEQUENCE, der(DNS_NAME, name)))),
    ),
  );
};

const certificateOf = (
  { tls, crypto }: { readonly tls: NonNullable<Platform['tls']> } & Pick<Platform, 'crypto'>,
  privateKey: Uint8Array,
): Uint8Array => {
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, OID.commonName, der(UTF8_STRING, ascii(CERTIFICATE_NAME)))),
  );
  const algorithm = der(SEQUENCE, OID.ecdsaWithSha256);
  const serial = crypto.random(SERIAL_BYTES);
  // Above 0, and without a zero in front that would not be there in DER.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const content = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, [2])),
    der(INTEGER, serial),
    algorithm,
    name,
    der(SEQUENCE, der(UTC_TIME, ascii(NOT_BEFORE)), der(GENERALIZED_TIME, ascii(NOT_AFTER))),
    name,
    publicKeyInfo(tls.publicKeyOf(privateKey)),
    extensions(),
  );
  const signature = tls.sign(privateKey, content);
  return der(SEQUENCE, content, algorithm, der(BIT_STRING, WHOLE, signature));
};

export const makeTlsIdentity = (
  platform: { readonly tls: NonNullable<Platform['tls']> } & Pick<Platform, 'crypto'>,
): TlsIdentity => {
  const privateKey = platform.tls.newPrivateKey();
  return { privateKey, certificate: certificateOf(platform, privateKey) };
};
