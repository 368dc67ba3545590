import { describe, expect, it } from 'vitest';
import { guestElapsed, hostElapsed } from './elapsed.ts';
import { arrived, sampleAfter, START_MS } from '../testing/samples.ts';
import { seenAfter } from '../testing/vmms.ts';

const before = arrived(sampleAfter(0), 0);

describe('the time between two samples of a guest', () => {
  it('is what its uptime says, whatever the network did to the answers', () => {
    expect(guestElapsed(before, arrived(sampleAfter(1000), 1040, 0.05), 1000)).toBe(1);
  });

  it('is what its clock says where it does not know its uptime', () => {
    const now = arrived(sampleAfter(1200, { uptime_seconds: null }), 1210);
    expect(guestElapsed(before, now, 1000)).toBe(1.2);
  });

  it('is what its uptime says while its clock jumps', () => {
    const now = arrived(sampleAfter(1000, { taken_at: START_MS + 3_600_000 }), 1000);
    expect(guestElapsed(before, now, 1000)).toBe(1);
  });

  it.each([
    ['another boot id', sampleAfter(1000, { boot_id: 'other' }), 1000, 'rebooted'],
    ['an uptime that went back', sampleAfter(1000, { uptime_seconds: 3 }), 1000, 'rebooted'],
    [
      'no boot id and an uptime that went back',
      sampleAfter(1000, { boot_id: null, uptime_seconds: 3 }),
      1000,
      'rebooted',
    ],
    ['a silence', sampleAfter(15_100), 15_100, 'gap'],
    ['a silence, and another boot', sampleAfter(90_000, { boot_id: 'x' }), 90_000, 'rebooted'],
    ['the same sample again', sampleAfter(0), 1000, 'clock_jump'],
    ['a sample from before', sampleAfter(-500), 1000, 'clock_jump'],
    ['a guest that stood still for five seconds', sampleAfter(1000), 6000, 'clock_jump'],
    ['a guest that is ahead of the time', sampleAfter(3000), 1000, 'clock_jump'],
    [
      'a clock that was set, where there is no uptime',
      sampleAfter(60_000, { uptime_seconds: null }),
      1000,
      'clock_jump',
    ],
    ['an answer right after the one before', sampleAfter(20), 20, 'too_soon'],
  ])('is unknown after %s', (_, value, receivedMs, expected) => {
    expect(guestElapsed(before, arrived(value, receivedMs), 1000)).toBe(expected);
  });

  it('may be anything that slow answers allow', () => {
    const slow = arrived(sampleAfter(200), 1000, 0.9);
    expect(guestElapsed(before, slow, 1000)).toBeCloseTo(0.2);
    const quick = arrived(sampleAfter(200), 1000, 0.1);
    expect(guestElapsed(before, quick, 1000)).toBe('clock_jump');
    const afterSlow = arrived(sampleAfter(1800), 1000);
    expect(guestElapsed(arrived(sampleAfter(0), 0, 0.9), afterSlow, 1000)).toBeCloseTo(1.8);
  });

  it('may be five intervals long, where those are long', () => {
    expect(guestElapsed(before, arrived(sampleAfter(45_000), 45_000), 10_000)).toBe(45);
    expect(guestElapsed(before, arrived(sampleAfter(51_000), 51_000), 10_000)).toBe('gap');
  });

  it('does not care how long a guest is up', () => {
    const years = 60 * 60 * 24 * 365 * 30;
    const first = arrived(sampleAfter(0, { uptime_seconds: years }), 0);
    const second = arrived(sampleAfter(1000, { uptime_seconds: years + 1 }), 1000);
    expect(guestElapsed(first, second, 1000)).toBe(1);
  });

  it.each([1e308, 1e20])('takes no uptime of %s s for a reason to divide by it', (uptime) => {
    const now = arrived(sampleAfter(1000, { uptime_seconds: uptime }), 1000);
    expect(guestElapsed(before, now, 1000)).toBe('clock_jump');
  });
});

describe('the time between two answers of a host', () => {
  it.each([
    [1000, 1000, 1],
    [1000, 1400, 1],
    [1000, 0, 'too_soon'],
    [0, 1000, 'clock_jump'],
    [-5000, 1000, 'clock_jump'],
    [9000, 1000, 'clock_jump'],
    [16_000, 16_000, 'gap'],
  ])('with %s ms by its clock and %s ms by ours is %s', (hostMs, receivedMs, expected) => {
    const now = seenAfter(receivedMs, {}, { hostTakenAt: START_MS + hostMs });
    expect(hostElapsed(seenAfter(0), now, 1000)).toBe(expected);
  });
});
