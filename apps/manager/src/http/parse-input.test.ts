import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorBodySchema, signInSchema, vmCreateSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import { parseInput } from './parse-input.ts';

const messageOf = (schema: z.ZodType, input: unknown): string => {
  const parsed = parseInput('body', schema, input);
  return parsed.ok ? 'accepted' : parsed.problem.message;
};

describe('the message about what is invalid', () => {
  test.each([
    [{}, 'name: is missing'],
    [{ name: 5 }, 'name: Invalid input: expected string, received number'],
    [{ name: 'a', guest_ip: 'x' }, 'guest_ip: must be an IPv4 or IPv6 address, such as'],
    [{ name: 'a', vmm: { kind: 'qemu', nme: 'x' } }, 'vmm.nme: is no field here'],
    [
      { name: 'a', nope: 1, neither: 2 },
      'nope, neither: is no field here (accepted: name, guest_ip',
    ],
    [[], 'the body: Invalid input: expected object, received array'],
    [null, 'the body: Invalid input: expected object, received null'],
  ])('for %o says what and where', (input, message) => {
    expect(messageOf(vmCreateSchema, input)).toContain(message);
  });

  test('of alternatives names what is wrong with the closest', () => {
    expect(messageOf(signInSchema, { code: '' })).toMatch(/^code: /u);
  });

  test('names five problems and counts the rest', () => {
    const schema = z.object(
      Object.fromEntries('a b c d e f g h'.split(' ').map((key) => [key, z.string()])),
    );
    expect(messageOf(schema, {})).toMatch(/^a: is missing; .*e: is missing; and 3 more$/u);
  });

  test('shows hostile names short and quoted', () => {
    expect(messageOf(z.strictObject({}), { '\u001b[2J': 1 })).toBe(
      String.raw`"\u001b[2J": is no field here (none is accepted)`,
    );
    expect(messageOf(z.strictObject({}), { ['x'.repeat(5000)]: 1 })).toHaveLength(
      60 + '"…": is no field here (none is accepted)'.length,
    );
  });

  test('always fits into the error body', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom<z.ZodType>(vmCreateSchema, signInSchema),
        (input, schema) => {
          const parsed = parseInput('body', schema, input);
          if (parsed.ok) return;
          const { code, message } = parsed.problem;
          expect(errorBodySchema.safeParse({ error: { code, message } }).success).toBe(true);
        },
      ),
    );
  });
});
