/** A manager's key pair, made by Node itself, and the tokens that such a manager mints. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export interface ManagerKey {
  /** The raw 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly publicKeyObject: KeyObject;
  readonly mint: (claims: Readonly<Record<string, unknown>>) => string;
  /** For tokens that no manager would make: header and payload are texts, JSON or not. */
  readonly mintText: (header: string, payload: string) => string;
}

const SPKI_PREFIX_BYTES = 12;

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

export const makeManagerKey = (): ManagerKey => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });

  const mintText = (header: string, payload: string): string => {
    const signedPart = `${encode(header)}.${encode(payload)}`;
    const signature = sign(null, Buffer.from(signedPart, 'utf8'), privateKey);
    return `${signedPart}.${signature.toString('base64url')}`;
  };

  return {
    publicKey: Uint8Array.from(der.subarray(SPKI_PREFIX_BYTES)),
    publicKeyObject: publicKey,
    mint: (claims) => mintText('{"alg":"EdDSA","typ":"JWT"}', JSON.stringify(claims)),
    mintText,
  };
};
