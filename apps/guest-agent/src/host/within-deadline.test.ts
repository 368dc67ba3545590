import { describe, expect, it } from 'vitest';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { settled } from '../testing/settled.ts';
import { withinDeadline } from './within-deadline.ts';

describe('withinDeadline', () => {
  it('waits for those that are under way', async () => {
    const clock = makeFakeClock();
    const asked = ['now', Promise.resolve('soon')];
    expect(await withinDeadline(clock, 100, asked, 'late')).toEqual(['now', 'soon']);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('does not wait where nothing is', async () => {
    const clock = makeFakeClock();
    expect(await withinDeadline(clock, 100, ['now'], 'late')).toEqual(['now']);
    expect(await withinDeadline(clock, 100, [], 'late')).toEqual([]);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('gives up on those that have not come, and not on those that have', async () => {
    const clock = makeFakeClock();
    let come: (value: string) => void = () => undefined;
    const never = new Promise<string>((resolve) => {
      come = resolve;
    });
    const waiting = withinDeadline(clock, 100, [never, Promise.resolve('soon')], 'late');
    await settled();
    clock.advance(100);
    const answers = await waiting;
    expect(answers).toEqual(['late', 'soon']);
    come('too late');
    await settled();
    expect(answers).toEqual(['late', 'soon']);
  });
});
