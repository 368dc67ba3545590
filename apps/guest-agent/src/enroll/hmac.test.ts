import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeCrypto } from '../platform/node/crypto.ts';
import { hmacSha256 } from './hmac.ts';

it('is what OpenSSL makes of the same', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
  fc.assert(
    fc.property(bytes(64), bytes(300), (key, message) => {
      const expected = createHmac('sha256', key).update(message).digest('hex');
      const made = hmacSha256(nodeCrypto, key, message);
      expect(Buffer.from(made).toString('hex')).toBe(expected);
    }),
  );
});
