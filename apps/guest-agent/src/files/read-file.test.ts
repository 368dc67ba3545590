import { describe, expect, it } from 'vitest';
import { parseRange } from './read-file.ts';

describe('parseRange', () => {
  it.each([
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=5-9', { first: 5, last: 9 }],
    ['bytes=5-', { first: 5, last: undefined }],
    ['bytes=-5', { lastBytes: 5 }],
    ['bytes=9-5', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=a-b', undefined],
    ['bytes=1-2 ', undefined],
    ['items=1-2', undefined],
    [`bytes=${'9'.repeat(16)}-`, undefined],
    [undefined, undefined],
  ])('%s', (header, expected) => {
    expect(parseRange(header)).toEqual(expected);
  });
});
