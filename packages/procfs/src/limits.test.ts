import { describe, expect, it } from 'vitest';
import { parseLimits } from './limits.ts';
import { LIMITS } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseLimits', () => {
  it('reads the soft limit of open files', () => {
    expect(valueOf(parseLimits(LIMITS))).toEqual({ maxOpenFiles: { soft: 1024 } });
  });

  it('tells unlimited from a number', () => {
    const text = 'Max open files            unlimited            unlimited            files\n';
    expect(valueOf(parseLimits(text)).maxOpenFiles?.soft).toBe('unlimited');
  });

  it('leaves out a limit that is not in the file', () => {
    expect(valueOf(parseLimits('Max processes 5 5 processes\n'))).toEqual({});
  });

  it('is malformed when the limit is no number', () => {
    expect(errorOf(parseLimits('Max open files   many   many   files\n')).problem).toBe(
      'malformed',
    );
  });
});
