import type { VmEvent } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { describeEvent, marksOf, reasonOfGap } from './event-words.ts';

const event = (at: number, kind: VmEvent['kind'], detail: VmEvent['detail'] = {}): VmEvent => ({
  id: String(at),
  at,
  kind,
  detail,
});

const lost = event(100_000, 'state_changed', {
  from: 'up',
  to: 'degraded',
  reason: 'unreachable',
  message: 'connect ECONNREFUSED 10.0.0.5:8080',
});
const back = event(160_000, 'state_changed', { from: 'degraded', to: 'up', reason: null });

test('a change of state says what it is now and why', () => {
  expect(describeEvent(lost)).toStrictEqual({
    title: 'State: agent down',
    detail: 'the agent cannot be reached: connect ECONNREFUSED 10.0.0.5:8080',
  });
  expect(describeEvent(back)).toStrictEqual({ title: 'State: running', detail: 'was agent down' });
});

test('an address that was none before is told as such', () => {
  const { detail } = describeEvent(event(1, 'address_changed', { from: null, to: '10.0.0.5' }));
  expect(detail).toBe('none → 10.0.0.5');
});

test.each([
  ['enrolled', { hostname: 'web-1', from: null, to: 'aa' }, 'Its agent has enrolled', 'as web-1'],
  [
    're_enrolled',
    { hostname: null, from: 'aa', to: 'bb' },
    'Enrolled again, with another key',
    'aa → bb',
  ],
  [
    'cloned',
    { hostname: 'copy', from: '10.0.0.6' },
    'A copy of its disk was refused',
    'as copy, from 10.0.0.6',
  ],
  [
    'enrollment_refused',
    { reason: 'token_expired', from: '10.0.0.6' },
    'An agent was refused',
    'the token has expired, from 10.0.0.6',
  ],
  [
    'key_rotated',
    { to: 'bb', reason: 'agent_behind' },
    'The manager has another key: bb',
    'its agent does not know it: make a new token for it',
  ],
  ['key_rotated', { to: 'bb', reason: null }, 'The manager has another key: bb', ''],
] as const)('%s with %o is told', (kind, detail, title, words) => {
  expect(describeEvent(event(1, kind, detail))).toStrictEqual({ title, detail: words });
});

test('words that this page does not know are shown as they are', () => {
  expect(describeEvent(event(1, 'state_changed', { to: 'melted' })).title).toBe('State: melted');
  expect(describeEvent(event(1, 'origin_changed', { to: 'moon' })).title).toBe('Another source');
});

test('what a line does is marked, a change of source is not marked twice', () => {
  const first = event(1, 'state_changed', { from: 'unknown', to: 'up' });
  const source = event(2, 'origin_changed', { to: 'host' });
  const marks = marksOf([event(3, 'rebooted'), source, first, lost]);
  expect(marks).toStrictEqual([
    { at: 3, text: 'Rebooted' },
    { at: 100_000, text: 'State: agent down, the agent cannot be reached' },
  ]);
});

const NOBODY_WROTE = 'nothing was stored: the manager was not running, or the database was away';

test.each([
  [{ from: 98_000, to: 158_000 }, 'agent down, the agent cannot be reached'],
  [{ from: 200_000, to: 210_000 }, NOBODY_WROTE],
  [{ from: 60_000, to: 70_000 }, NOBODY_WROTE],
  [{ from: 0, to: 51_000 }, 'before it was registered'],
])('the gap %o has the reason “%s”', (gap, reason) => {
  expect(reasonOfGap(gap, gap.from, [back, lost], 50_000, false)).toBe(reason);
});

test('a manager that told other values was running', () => {
  const gap = { from: 200_000, to: 210_000 };
  expect(reasonOfGap(gap, gap.from, [back, lost], 50_000, true)).toBe('not told');
});

test('the reason in a long gap is the one of the moment', () => {
  const stopped = event(300_000, 'state_changed', { from: 'degraded', to: 'down', reason: null });
  const gap = { from: 98_000, to: 400_000 };
  expect(reasonOfGap(gap, 150_000, [stopped, lost], undefined, true)).toContain('agent down');
  expect(reasonOfGap(gap, 350_000, [stopped, lost], undefined, true)).toBe('stopped');
});
