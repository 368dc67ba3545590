import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeClock } from '../platform/node/clock.ts';
import { decodeInSteps, encodeInSteps } from './base64-steps.ts';

const STEP = 3 * 16 * 1024;

const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 255);

describe('base64 in steps', () => {
  it.each([0, 1, 2, 3, 1000, STEP - 1, STEP, STEP + 1, 3 * STEP, 3 * STEP + 2])(
    'is what Node makes of %i bytes, and back',
    async (length) => {
      const bytes = pattern(length);
      const text = await encodeInSteps(bytes, nodeClock);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(await decodeInSteps(text, nodeClock)).toEqual(bytes);
    },
  );

  it('lets others have their turn in between', async () => {
    let turns = 0;
    const clock = {
      after: (_: number, fire: () => void) => {
        turns += 1;
        queueMicrotask(fire);
        return () => undefined;
      },
    };
    const text = await encodeInSteps(pattern(10 * STEP), clock);
    await decodeInSteps(text, clock);
    expect(turns).toBe(18);
  });

  it('takes nothing that is not base64, wherever it stands', async () => {
    const text = Buffer.from(pattern(2 * STEP + 5)).toString('base64');
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 3), fc.constantFrom('%', '=', ' '), async (at, odd) => {
        const damaged = `${text.slice(0, at)}${odd}${text.slice(at + 1)}`;
        expect(await decodeInSteps(damaged, nodeClock)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});
