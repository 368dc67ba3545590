/** A manager's Ed25519 key, and the tokens it signs: `EdDSA` JSON Web Tokens (RFC 8037). */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

export interface TokenClaims {
  readonly aud: string;
  readonly scope: string;
  /** Unix seconds. */
  readonly exp: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly sub?: string;
  readonly htm?: string;
  readonly htu?: string;
  readonly bsh?: string;
  readonly jti?: string;
}

export interface ManagerKey {
  /** Base64 of the 32 bytes: what the agent's `manager_keys` takes. */
  readonly publicKey: string;
  /** Base64, over the bytes of a text. */
  signText(text: string): string;
  sign(claims: TokenClaims, header?: Readonly<Record<string, string>>): string;
}

const RAW_KEY_BYTES = 32;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const makeManagerKey = (): ManagerKey => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return {
    publicKey: der.subarray(-RAW_KEY_BYTES).toString('base64'),
    signText: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
    sign: (claims, header = { alg: 'EdDSA', typ: 'JWT' }) => {
      const signedPart = `${encode(header)}.${encode(claims)}`;
      return `${signedPart}.${sign(null, Buffer.from(signedPart), privateKey).toString('base64url')}`;
    },
  };
};

export const secondsFromNow = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** A virtual machine's clock is set by some milliseconds now and then, also between two lines of a test. */
export const CLOCK_STEP_MS = 50;

/** What binds a token to one request, now. */
export const bindingOf = (
  method: string,
  target: string,
  body: string | Uint8Array = '',
): Required<Pick<TokenClaims, 'htm' | 'htu' | 'bsh' | 'jti' | 'iat'>> => ({
  htm: method,
  htu: target,
  bsh: createHash('sha256').update(body).digest('base64url'),
  jti: randomUUID(),
  iat: (Date.now() - CLOCK_STEP_MS) / 1000,
});

export const bearer = (token: string): { readonly authorization: string } => ({
  authorization: `Bearer ${token}`,
});
