import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { storable, storableCommand } from './storable-text.ts';

const bodySchema = z.strictObject({
  name: z.string().optional(),
  stdin: z.string().optional(),
  list: z.array(z.record(z.string(), z.string())).optional(),
});

const pathsOf = (schema: z.ZodType, value: unknown): unknown[] =>
  schema.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('text that can be stored', () => {
  test('names and paths have no control characters, however deep', () => {
    const schema = storable(bodySchema);
    expect(pathsOf(schema, { name: 'a\nb' })).toStrictEqual(['name']);
    expect(pathsOf(schema, { list: [{ a: 'x' }, { b: '\ud800' }] })).toStrictEqual(['list.1.b']);
    expect(pathsOf(schema, { name: '\u00e9\u{1F600}' })).toStrictEqual([]);
  });

  test('commands may have lines and escapes, and no NUL and no halves of characters', () => {
    const schema = storableCommand(bodySchema);
    expect(pathsOf(schema, { name: 'a\n\u001b[31m\tb' })).toStrictEqual([]);
    expect(pathsOf(schema, { name: 'a\0b' })).toStrictEqual(['name']);
    expect(pathsOf(schema, { list: [{ b: 'x\udc00' }] })).toStrictEqual(['list.0.b']);
  });

  test('what a command reads may have NUL, and no half of a character either', () => {
    const schema = storableCommand(bodySchema);
    expect(pathsOf(schema, { stdin: 'a\0b' })).toStrictEqual([]);
    expect(pathsOf(schema, { stdin: '\ud800' })).toStrictEqual(['stdin']);
  });
});
