import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeText } from '../platform/node/text.ts';
import { makeManagerKey } from '../testing/manager-key.ts';
import { parseToken, type ParsedToken } from './token.ts';

const key = makeManagerKey();
const CLAIMS = { aud: 'vm-1', scope: 'metrics', exp: 1_760_000_600 };
const HEADER = '{"alg":"EdDSA"}';

const parse = (token: string): ParsedToken | undefined => parseToken(token, nodeText);
const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');
const SIGNATURE = Buffer.alloc(64).toString('base64url');

describe('parseToken', () => {
  it('takes a token apart into what is signed, the signature and the claims', () => {
    const token = key.mint(CLAIMS);
    const [header, payload, signature] = token.split('.');
    const parsed = parse(token);
    expect(parsed?.signedPart).toBe(`${header}.${payload}`);
    expect(Buffer.from(parsed?.signature ?? []).toString('base64url')).toBe(signature);
    expect(parsed?.claims).toEqual({ aud: 'vm-1', scopes: ['metrics'], exp: 1_760_000_600 });
  });

  it('keeps the claims that bind a token to one request, and leaves out all others', () => {
    const bound = { htm: 'POST', htu: '/exec', bsh: 'abc', jti: 'one', nbf: 1.5 };
    const parsed = parse(
      key.mint({ ...CLAIMS, ...bound, iss: 'x', sub: 'ann', iat: 1.25, admin: true }),
    );
    expect(parsed?.claims).toEqual({
      aud: 'vm-1',
      sub: 'ann',
      iat: 1.25,
      scopes: ['metrics'],
      exp: 1_760_000_600,
      ...bound,
    });
  });

  it.each([
    ['metrics logs', ['metrics', 'logs']],
    ['  metrics   logs ', ['metrics', 'logs']],
    ['', []],
    ['metrics,logs', ['metrics,logs']],
    ['METRICS', ['METRICS']],
  ])('reads the scope %j word by word', (scope, scopes) => {
    expect(parse(key.mint({ ...CLAIMS, scope }))?.claims.scopes).toEqual(scopes);
  });

  it.each([
    ['none', '{"alg":"none"}'],
    ['None in other letters', '{"alg":"nOnE"}'],
    ['a shared secret', '{"alg":"HS256"}'],
    ['another public key algorithm', '{"alg":"ES256"}'],
    ['EdDSA in other letters', '{"alg":"EDDSA"}'],
    ['a list of algorithms', '{"alg":["EdDSA"]}'],
    ['no algorithm', '{"typ":"JWT"}'],
    ['an algorithm only by inheritance', '{"__proto__":{"alg":"EdDSA"}}'],
    ['a list', '["EdDSA"]'],
    ['a word', '"EdDSA"'],
    ['null', 'null'],
    ['what is not JSON', '{alg:EdDSA}'],
    ['nothing', ''],
  ])('refuses a header with %s', (_, header) => {
    expect(parse(key.mintText(header, JSON.stringify(CLAIMS)))).toBeUndefined();
  });

  it.each([
    ['a list', '[]'],
    ['a list with a claim', '["aud"]'],
    ['a number', '7'],
    ['null', 'null'],
    ['half of an object', '{"aud":"vm-1"'],
    ['nothing', ''],
  ])('refuses a payload that is %s', (_, payload) => {
    expect(parse(key.mintText(HEADER, payload))).toBeUndefined();
  });

  it.each([
    ['no audience', { ...CLAIMS, aud: undefined }],
    ['a list of audiences', { ...CLAIMS, aud: ['vm-1'] }],
    ['no scope', { ...CLAIMS, scope: undefined }],
    ['a list of scopes', { ...CLAIMS, scope: ['metrics'] }],
    ['no expiry', { ...CLAIMS, exp: undefined }],
    ['an expiry in words', { ...CLAIMS, exp: '1760000600' }],
    ['no number as expiry', { ...CLAIMS, exp: null }],
    ['a negative expiry', { ...CLAIMS, exp: -1 }],
    ['everything by inheritance', JSON.parse(`{"__proto__":${JSON.stringify(CLAIMS)}}`)],
  ])('refuses a token with %s', (_, claims) => {
    expect(parse(key.mintText(HEADER, JSON.stringify(claims)))).toBeUndefined();
  });

  it('refuses an expiry beyond all numbers', () => {
    const payload = '{"aud":"vm-1","scope":"metrics","exp":1e999}';
    expect(parse(key.mintText(HEADER, payload))).toBeUndefined();
  });

  it.each([
    ['nbf', 'soon'],
    ['nbf', '99999999999'],
    ['htm', 1],
    ['htu', null],
    ['bsh', ['x']],
    ['jti', { id: 1 }],
  ])(
    'takes a token whose %s is %j for none: what it cannot read it must not ignore',
    (name, value) => {
      expect(parse(key.mint({ ...CLAIMS, [name]: value }))).toBeUndefined();
    },
  );

  it('takes a token with critical extensions for none', () => {
    const header = encode(JSON.stringify({ alg: 'EdDSA', crit: ['exp'], exp: 1 }));
    const token = `${header}.${encode(JSON.stringify(CLAIMS))}.${SIGNATURE}`;
    expect(parse(token)).toBeUndefined();
    expect(parse(token.replace(header, encode(HEADER)))).toBeDefined();
  });

  it.each([
    ['nothing', ''],
    ['two parts', `${encode(HEADER)}.${encode(JSON.stringify(CLAIMS))}`],
    ['an empty signature', `${encode(HEADER)}.${encode(JSON.stringify(CLAIMS))}.`],
    ['four parts', `${key.mint(CLAIMS)}.`],
    ['five parts, as an encrypted token has', 'a.b.c.d.e'],
    [
      'a signature of 63 bytes',
      `${encode(HEADER)}.${encode(JSON.stringify(CLAIMS))}.${SIGNATURE.slice(0, -2)}`,
    ],
    [
      'a signature that is not base64',
      `${encode(HEADER)}.${encode(JSON.stringify(CLAIMS))}.${'*'.repeat(86)}`,
    ],
    ['a space in front', ` ${key.mint(CLAIMS)}`],
  ])('refuses a token with %s', (_, token) => {
    expect(parse(token)).toBeUndefined();
  });

  it('never throws, whatever it is given', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.json().map(encode),
      fc.constantFrom(encode(HEADER), SIGNATURE, encode(JSON.stringify(CLAIMS))),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const parsed = parse(parts.join('.'));
        if (parsed !== undefined) expect(parsed.signature).toHaveLength(64);
      }),
    );
  });
});
