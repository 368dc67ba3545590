import { describe, expect, test } from 'vitest';
import { makeEnrollLimit } from './enroll-limit.ts';

const make = () => {
  let nowMs = 0;
  const limit = makeEnrollLimit({ monotonicMs: () => nowMs });
  return {
    limit,
    pass: (ms: number): void => {
      nowMs += ms;
    },
  };
};

describe('the limit of enrolment', () => {
  test('stops a network that fails, for the rest of the minute, and no other one', () => {
    const { limit, pass } = make();
    for (let count = 0; count < 20; count += 1) {
      expect(limit.enter('10.0.0.1')).toBeUndefined();
      limit.countFailure('10.0.0.1');
    }
    pass(15_000);
    expect(limit.enter('10.0.0.1')).toMatchObject({
      status: 429,
      headers: { 'retry-after': '45' },
    });
    expect(limit.enter('10.0.0.2')).toBeUndefined();
    pass(45_000);
    expect(limit.enter('10.0.0.1')).toBeUndefined();
  });

  test('counts all of an IPv6 network as one', () => {
    const { limit } = make();
    for (let count = 0; count < 20; count += 1) {
      expect(limit.enter(`fd00::${count}`)).toBeUndefined();
      limit.countFailure(`fd00::${count}`);
    }
    expect(limit.enter('fd00::ffff')?.status).toBe(429);
    expect(limit.enter('fd00:0:0:1::1')).toBeUndefined();
  });

  test('lets a rack behind one address in, and has an end', () => {
    const { limit } = make();
    for (let count = 0; count < 600; count += 1) expect(limit.enter('10.0.0.1')).toBeUndefined();
    expect(limit.enter('10.0.0.1')?.status).toBe(429);
  });

  test('remembers so many networks and no more', () => {
    const { limit, pass } = make();
    for (let count = 0; count < 10_000; count += 1) {
      limit.enter(`10.0.${count >> 8}.${count & 255}`);
    }
    expect(limit.enter('192.168.0.1')?.status).toBe(429);
    expect(limit.enter('10.0.0.1')).toBeUndefined();
    pass(60_000);
    expect(limit.enter('192.168.0.1')).toBeUndefined();
  });
});
