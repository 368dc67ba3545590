import { describe, expect, it } from 'vitest';
import { malformedInput } from './parsed.ts';
import { errorOf } from './testing/unwrap.ts';

describe('malformedInput', () => {
  it('quotes at most 80 characters of the input', () => {
    const { detail } = errorOf(malformedInput('stat', 'expected a number', 'x'.repeat(500)));
    expect(detail).toBe(`expected a number: "${'x'.repeat(80)}"`);
  });

  it('replaces control characters, direction marks and half surrogate pairs', () => {
    const { detail } = errorOf(malformedInput('stat', 'odd', 'a\n\0\u001b[2J\u202e\ud83d'));
    expect(detail).toBe('odd: "a???[2J??"');
  });

  it('leaves no half of a surrogate pair where it cuts', () => {
    const { detail } = errorOf(malformedInput('stat', 'odd', `${'x'.repeat(79)}😀`));
    expect(detail).toBe(`odd: "${'x'.repeat(79)}?"`);
  });
});
