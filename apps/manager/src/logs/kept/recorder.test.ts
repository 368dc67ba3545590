import { describe, expect, test, vi } from 'vitest';
import { makeFakeLogHub } from '../../../../../test/support/fake-log-hub.ts';
import { LOG_START, makeLogEvent } from '../../../../../test/support/log-lines.ts';
import { info, startRecorder as start, vmAt, web } from '../testing/recorder-setup.ts';
import { DEFAULT_POLICY } from './policies.ts';
import type { LogVm } from './sql/upsert-log-vms.ts';

const AT_2: LogVm = {
  vmKey: 1,
  vmId: web.id,
  name: 'web',
  cursor: makeLogEvent(2).cursor,
  resumeAfter: undefined,
};

describe('what is kept', () => {
  test('is warnings and worse by default, and how far was looked is noted for all', () => {
    const { hub, kept, positions } = start([web]);
    const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
    hub.of(web.id).send(...levels.map((level, n) => makeLogEvent(n, { level, message: level })));
    expect(kept()).toEqual(['warn', 'error']);
    hub.of(web.id).send(info(9));
    expect(positions.get(1)).toEqual({
      vmKey: 1,
      vmId: web.id,
      name: 'vm-1',
      cursor: info(9).cursor,
      resumeAfter: undefined,
    });
  });

  test.each([
    ['nothing', []],
    ['error', ['error']],
    ['info', ['info', 'warn', 'error']],
    ['debug', ['trace', 'debug', 'info', 'warn', 'error']],
  ] as const)('is for a policy of %s: %j', (keep, expected) => {
    const { hub, kept, setPolicy } = start([web]);
    setPolicy(() => ({ ...DEFAULT_POLICY, keep }));
    const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
    hub.of(web.id).send(...levels.map((level, n) => makeLogEvent(n, { level, message: level })));
    expect(kept()).toEqual(expected);
  });

  test('of a VM that logs without end is its share, and the rest is counted', () => {
    const { hub, rows, recorder } = start([web], { roomBytes: 64 * 100_000 });
    hub.of(web.id).send(...Array.from({ length: 1_000 }, (_, n) => makeLogEvent(n)));
    const { taken, dropped } = recorder.stats();
    expect(rows.length).toBeGreaterThan(250);
    expect(rows.length).toBeLessThan(500);
    expect(taken.level + dropped.rate).toBe(1_000);
    expect(taken.level).toBe(rows.length);
  });

  test('has gaps that are counted, and other marks that are none', () => {
    const { hub, recorder, kept } = start([web]);
    const stream = hub.of(web.id);
    stream.send(makeLogEvent(1));
    stream.mark({ mark: 'resumed', count: 0 });
    stream.mark({ mark: 'rebooted', count: 0 });
    expect(recorder.stats().gaps).toBe(0);
    stream.mark({ mark: 'lost', count: 7, reason: 'vacuumed' });
    stream.mark({ mark: 'resumed', count: null });
    stream.send(makeLogEvent(2));
    expect(kept()).toEqual(['line 1', 'line 2']);
    expect(recorder.stats()).toMatchObject({ gaps: 2, dropped: { lost: 7, slow: 0 } });
  });

  test('has no line twice where the VM is joined again, and those of in between', () => {
    const before = start([web]);
    before.hub.of(web.id).send(makeLogEvent(1), makeLogEvent(2));
    before.recorder.stop();
    const { hub, positions } = before;
    hub.of(web.id).send(makeLogEvent(3));
    const { kept } = start([web], { hub, positions });
    vi.advanceTimersByTime(11_000);
    hub.of(web.id).send(makeLogEvent(4));
    expect(kept()).toEqual(['line 3', 'line 4']);
  });

  test('goes on some seconds before, and waits for viewers who were not as far', () => {
    const before = start([web]);
    for (let number = 1; number <= 30; number += 1) {
      before.hub.of(web.id).send(makeLogEvent(number));
      vi.advanceTimersByTime(1_000);
    }
    before.recorder.stop();
    // Another manager: its hub has nothing yet, and the agent sends what comes after that place.
    const hub = makeFakeLogHub(() => Date.now());
    const { kept } = start([web], { hub, positions: before.positions });
    const [resumeAfter] = hub.of(web.id).resumedAfter;
    const place = Array.from({ length: 31 }, (_, n) => n).find(
      (number) => makeLogEvent(number).cursor === resumeAfter,
    );
    expect(place).toBeGreaterThanOrEqual(10);
    expect(place).toBeLessThanOrEqual(20);
    const again = Array.from({ length: 40 }, (_, n) => makeLogEvent(n)).slice((place ?? 0) + 1);
    hub.of(web.id).send(...again);
    vi.advanceTimersByTime(9_000);
    expect([kept(), hub.of(web.id).unread()]).toEqual([[], again.length]);
    vi.advanceTimersByTime(2_000);
    expect(kept()).toEqual(Array.from({ length: 9 }, (_, n) => `line ${31 + n}`));
    expect(hub.of(web.id).unread()).toBe(0);
  });

  test('is kept too of a VM that is deleted while its lines wait for viewers', () => {
    const positions = new Map([[1, { ...AT_2, resumeAfter: makeLogEvent(1).cursor }]]);
    const { hub, kept, change } = start([web], { positions });
    hub.of(web.id).send(makeLogEvent(2), makeLogEvent(3), info(4));
    change({ kind: 'removed', vm: web });
    expect(kept()).toEqual(['line 3']);
  });

  test('waits for nobody where very much comes at once', () => {
    const positions = new Map([[1, { ...AT_2, resumeAfter: makeLogEvent(1).cursor }]]);
    const { hub, kept } = start([web], { positions });
    hub.of(web.id).send(...Array.from({ length: 10_002 }, (_, n) => makeLogEvent(n + 2)));
    expect(kept()).toHaveLength(10_001);
  });

  test('says so where the lines of in between are gone', () => {
    const hub = makeFakeLogHub(() => Date.now());
    hub.of(web.id).send(makeLogEvent(1), makeLogEvent(2), makeLogEvent(3), makeLogEvent(4));
    hub.of(web.id).lose(3);
    const { kept, recorder } = start([web], { hub, positions: new Map([[1, AT_2]]) });
    vi.advanceTimersByTime(11_000);
    expect(kept()).toEqual(['line 4']);
    expect(recorder.stats()).toMatchObject({ gaps: 1, dropped: { slow: 0 } });
  });
});

describe('whoever is recorded', () => {
  test('follows labels, policies and registrations', () => {
    const { hub, change, setPolicy } = start([web]);
    setPolicy(({ labels }) =>
      labels['env'] === 'prod'
        ? DEFAULT_POLICY
        : { ...DEFAULT_POLICY, keep: 'nothing', last_words: false },
    );
    expect(hub.joined()).toBe(0);
    const prod = { ...web, labels: { env: 'prod' } };
    change({ kind: 'changed', vm: prod, before: web });
    change({ kind: 'added', vm: vmAt(2, { labels: { env: 'prod' } }) });
    change({ kind: 'added', vm: vmAt(3) });
    vi.advanceTimersByTime(1_000);
    expect([hub.of(web.id).isJoined(), hub.of(vmAt(2).id).isJoined(), hub.joined()]).toEqual([
      true,
      true,
      2,
    ]);
    change({ kind: 'changed', vm: web, before: prod });
    setPolicy(() => ({ ...DEFAULT_POLICY, keep: 'nothing', last_words: false }));
    expect(hub.joined()).toBe(0);
  });

  test('keeps the new name of a VM', () => {
    const { hub, change, positions } = start([web]);
    hub.of(web.id).send(info(1));
    change({ kind: 'changed', vm: { ...web, name: 'new' }, before: web });
    expect(positions.get(1)).toMatchObject({ name: 'new', cursor: info(1).cursor });
  });

  test('is joined a few at a time, and no more while those before still connect', () => {
    const vms = Array.from({ length: 100 }, (_, n) => vmAt(n + 1));
    const hub = makeFakeLogHub(() => Date.now(), 'connecting');
    start(vms, { hub });
    expect(hub.joined()).toBe(20);
    vi.advanceTimersByTime(5_000);
    expect(hub.joined()).toBe(40);
    for (const { id } of vms.slice(0, 30)) hub.of(id).become('live');
    vi.advanceTimersByTime(5_000);
    expect(hub.joined()).toBe(70);
  });

  test('is left to the pages that come back after a start, unless its place is known', () => {
    const known = vmAt(2);
    const place = { vmKey: known.key, vmId: known.id, name: known.name };
    const positions = new Map([[known.key, { ...place, cursor: 's=1', resumeAfter: 's=1' }]]);
    const { hub, change } = start([web, known], { positions, returnMs: 12_000 });
    expect([hub.of(web.id).isJoined(), hub.of(known.id).isJoined()]).toEqual([false, true]);
    change({ kind: 'added', vm: vmAt(3) });
    vi.advanceTimersByTime(1_000);
    expect(hub.of(vmAt(3).id).isJoined()).toBe(true);
    vi.advanceTimersByTime(12_000);
    expect(hub.of(web.id).isJoined()).toBe(true);
  });

  test('has an address, and finds room in the hub', () => {
    const hub = makeFakeLogHub(() => Date.now());
    hub.setRoom(1);
    const away = vmAt(2, { guestIp: undefined });
    const { change } = start([away, web, vmAt(3)], { hub });
    expect([hub.of(web.id).isJoined(), hub.joined()]).toEqual([true, 1]);
    hub.setRoom(9);
    change({ kind: 'changed', vm: vmAt(2), before: away });
    vi.advanceTimersByTime(1_000);
    expect(hub.joined()).toBe(3);
  });

  test('is asked again seldom where its agent refuses, and soon once it is enrolled', () => {
    const { hub, change } = start([web]);
    const { resumedAfter, become } = hub.of(web.id);
    become('refused');
    vi.advanceTimersByTime(9 * 60_000);
    expect([hub.joined(), resumedAfter.length]).toEqual([0, 1]);
    vi.advanceTimersByTime(2 * 60_000);
    expect([hub.joined(), resumedAfter.length]).toEqual([0, 2]);
    become('live');
    change({ kind: 'changed', vm: { ...web, enrolledAt: LOG_START }, before: web });
    vi.advanceTimersByTime(1_000);
    expect([hub.joined(), resumedAfter.length]).toEqual([1, 3]);
  });
});
