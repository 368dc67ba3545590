import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOn, parseOptionString } from './option-string.ts';

describe('parseOptionString', () => {
  it.each([
    ['guest=web,debug-threads=on', { guest: 'web', 'debug-threads': 'on' }],
    ['web,debug-threads=on', { guest: 'web', 'debug-threads': 'on' }],
    ['web,,1', { guest: 'web,1' }],
    ['guest=a,,b,,,c=d', { guest: 'a,b,', c: 'd' }],
    ['x,,', { guest: 'x,' }],
    ['x,', { guest: 'x' }],
    ['unix,server,nowait', { guest: 'unix', server: 'on', nowait: 'on' }],
    ['guest=a=b', { guest: 'a=b' }],
    ['guest=a,guest=b', { guest: 'b' }],
    ['', { guest: '' }],
  ])('reads %j', (text, expected) => {
    expect(Object.fromEntries(parseOptionString(text, 'guest'))).toEqual(expected);
  });

  it('gives back any value that was written with its commas doubled', () => {
    const key = fc.stringMatching(/^[a-z]{1,8}$/u);
    fc.assert(
      fc.property(fc.dictionary(key, fc.string({ maxLength: 40 })), (options) => {
        const parts = Object.entries(options).map(
          ([name, value]) => `${name}=${value.replaceAll(',', ',,')}`,
        );
        expect(Object.fromEntries(parseOptionString(parts.join(',')))).toEqual({ ...options });
      }),
    );
  });

  it('reads anything, in bounded time and space', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(parseOptionString(text, 'x').size).toBeLessThanOrEqual(text.length + 1);
      }),
    );
    expect(parseOptionString('a=1,'.repeat(100_000)).size).toBe(1);
    expect(parseOptionString(','.repeat(1_000_000), 'x').get('x')?.length).toBeLessThan(20_000);
  });
});

it.each([
  ['on', true],
  ['yes', true],
  ['true', true],
  ['off', false],
  [undefined, false],
])('takes %s for %s', (value, expected) => {
  expect(isOn(value)).toBe(expected);
});
