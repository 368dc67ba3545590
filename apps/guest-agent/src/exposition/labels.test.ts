import { describe, expect, it } from 'vitest';
import { cacheLabels, formatLabels } from './labels.ts';

describe('formatLabels', () => {
  it('writes labels in the order in which they are given', () => {
    expect(formatLabels({ mode: 'idle', cpu: '0' })).toBe('{mode="idle",cpu="0"}');
  });

  it.each([
    ['a backslash', 'a\\b', String.raw`a\\b`],
    ['a backslash at the end', 'a\\', String.raw`a\\`],
    ['a quote', 'a"b', String.raw`a\"b`],
    ['a line end', 'a\nb', String.raw`a\nb`],
    ['what looks like an escape', String.raw`a\nb`, String.raw`a\\nb`],
    ['what would start another sample', '"} 1\nevil{a="', String.raw`\"} 1\nevil{a=\"`],
  ])('escapes %s', (_, value, expected) => {
    expect(formatLabels({ x: value })).toBe(`{x="${expected}"}`);
  });

  it('leaves what needs no escape as it is', () => {
    expect(formatLabels({ x: 'é€😀\t\r\0{},=' })).toBe('{x="é€😀\t\r\0{},="}');
  });

  it('bounds a value of a megabyte, before it escapes it', () => {
    expect(formatLabels({ x: 'a'.repeat(1_000_000) })).toBe(`{x="${'a'.repeat(1024)}"}`);
    expect(formatLabels({ x: '\n'.repeat(1_000_000) })).toBe(
      `{x="${String.raw`\n`.repeat(1024)}"}`,
    );
  });

  it('does not cut a character in two', () => {
    const text = formatLabels({ x: `${'a'.repeat(1023)}😀` });
    expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
  });
});

describe('cacheLabels', () => {
  it('formats each key once', () => {
    let made = 0;
    const label = cacheLabels((cpu: number) => {
      made += 1;
      return { cpu: String(cpu) };
    });
    expect([label(1), label(2), label(1)]).toEqual(['{cpu="1"}', '{cpu="2"}', '{cpu="1"}']);
    expect(made).toBe(2);
  });

  it('stays right when there are more keys than it remembers', () => {
    const label = cacheLabels((cpu: number) => ({ cpu: String(cpu) }));
    for (let round = 0; round < 2; round += 1) {
      for (let cpu = 0; cpu < 5000; cpu += 1) expect(label(cpu)).toBe(`{cpu="${cpu}"}`);
    }
  });

  it('remembers a bounded number of keys', () => {
    let made = 0;
    const label = cacheLabels((cpu: number) => {
      made += 1;
      return { cpu: String(cpu) };
    });
    for (let cpu = 0; cpu < 5000; cpu += 1) label(cpu);
    label(0);
    expect(made).toBe(5001);
  });
});
