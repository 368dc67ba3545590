import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, pullFailure } from './failure.ts';

test('whatever a guest sends, the message is bounded and can be shown anywhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const { message } = pullFailure('http', '10.0.0.1:8080', text);
      expect(message.length).toBeLessThanOrEqual(512);
      expect(message).toMatch(/^10\.0\.0\.1:8080:/u);
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('half of a pair at the cut goes too', () => {
  expect(printable('a😀', 2)).toBe('a');
});
