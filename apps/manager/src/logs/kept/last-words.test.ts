import { describe, expect, test, vi } from 'vitest';
import { makeLogEvent } from '../../../../../test/support/log-lines.ts';
import { info, PLENTY, startRecorder as start, vmAt, web } from '../testing/recorder-setup.ts';
import { DEFAULT_POLICY } from './policies.ts';

describe('the last words of a VM', () => {
  const lines = Array.from({ length: 20 }, (_, n) => info(n));

  test('are kept once when its agent has been away for ten seconds', () => {
    const { hub, kept, recorder } = start([web]);
    const stream = hub.of(web.id);
    stream.send(...lines, makeLogEvent(20));
    stream.become('reconnecting');
    vi.advanceTimersByTime(9_000);
    expect(kept()).toEqual(['line 20']);
    vi.advanceTimersByTime(2_000);
    expect(kept()).toEqual(['line 20', ...lines.map(({ message }) => `${message} (last)`)]);
    vi.advanceTimersByTime(600_000);
    expect(kept()).toHaveLength(21);
    expect(recorder.stats()).toMatchObject({ losses: 1, taken: { level: 1, last_words: 20 } });
    stream.become('live');
    stream.send(info(30));
    stream.become('reconnecting');
    vi.advanceTimersByTime(11_000);
    expect(kept().slice(21)).toEqual(['line 30 (last)']);
  });

  test('are kept also of a VM that has had more than its share', () => {
    const { hub, kept, recorder } = start([web], { roomBytes: 4 * 1024 * 1024 });
    const stream = hub.of(web.id);
    const warnings = Array.from({ length: 400 }, (_, n) => makeLogEvent(n + 1));
    stream.send(...warnings, info(500));
    const { taken, dropped } = recorder.stats();
    expect(dropped.rate).toBeGreaterThan(100);
    expect(taken.level + dropped.rate).toBe(400);
    stream.become('reconnecting');
    vi.advanceTimersByTime(11_000);
    expect(recorder.stats().taken.last_words).toBeGreaterThan(10);
    expect(kept().some((text) => text.endsWith('(last)'))).toBe(true);
  });

  test('are not kept for an agent that is back soon, for one that refuses, and at the end', () => {
    const { hub, kept, recorder } = start([web, vmAt(2)]);
    const stream = hub.of(web.id);
    stream.send(...lines);
    stream.become('reconnecting');
    vi.advanceTimersByTime(5_000);
    stream.become('live');
    vi.advanceTimersByTime(20_000);
    hub.of(vmAt(2).id).send(...lines);
    hub.of(vmAt(2).id).become('refused');
    vi.advanceTimersByTime(2_000);
    recorder.stop();
    expect(kept()).toEqual([]);
  });

  test('wait while most agents are away at once, which is rather the network', () => {
    const vms = Array.from({ length: 10 }, (_, n) => vmAt(n + 1));
    const { hub, kept } = start(vms);
    for (const { id } of vms) hub.of(id).send(...lines);
    for (const { id } of vms) hub.of(id).become('reconnecting');
    vi.advanceTimersByTime(60_000);
    expect(kept()).toEqual([]);
    for (const { id } of vms.slice(1)) hub.of(id).become('live');
    vi.advanceTimersByTime(2_000);
    expect(kept()).toHaveLength(20);
    for (const { id } of vms) hub.of(id).become('reconnecting');
    vi.advanceTimersByTime(130_000);
    expect(kept()).toHaveLength(200);
  });

  test('do not wait for those that have been away for long', () => {
    const vms = Array.from({ length: 16 }, (_, n) => vmAt(n + 1));
    const { hub, kept } = start(vms);
    for (const { id } of vms.slice(0, 10)) hub.of(id).become('reconnecting');
    vi.advanceTimersByTime(300_000);
    const [crashed] = vms.slice(-1);
    hub.of(crashed?.id ?? '').send(...lines);
    hub.of(crashed?.id ?? '').become('reconnecting');
    vi.advanceTimersByTime(20_000);
    expect(kept()).toHaveLength(20);
  });

  test('of lines that are longer than any log are short', () => {
    const { hub, kept } = start([web]);
    const fields = { x: ['y'.repeat(1_000_000)] };
    hub
      .of(web.id)
      .send(...Array.from({ length: 60 }, (_, n) => ({ ...makeLogEvent(n + 1), fields })));
    vi.advanceTimersByTime(61_000);
    hub.of(web.id).become('reconnecting');
    vi.advanceTimersByTime(20_000);
    expect(kept()).toHaveLength(60);
  });

  test('wait for room in what is to be written', () => {
    const setup = start([web]);
    setup.freeBytes = 1_000;
    setup.hub.of(web.id).send(...lines);
    setup.hub.of(web.id).become('reconnecting');
    vi.advanceTimersByTime(20_000);
    expect(setup.kept()).toEqual([]);
    setup.freeBytes = PLENTY;
    vi.advanceTimersByTime(1_000);
    expect(setup.kept()).toHaveLength(20);
  });

  test('are those before the loss, however long nobody answers', () => {
    const { hub, kept, setPolicy } = start([web]);
    setPolicy(() => ({ ...DEFAULT_POLICY, keep: 'nothing' }));
    hub.of(web.id).send(makeLogEvent(1));
    vi.advanceTimersByTime(12 * 60_000);
    hub.of(web.id).send(makeLogEvent(2));
    hub.of(web.id).become('reconnecting');
    vi.advanceTimersByTime(11_000);
    expect(kept()).toEqual(['line 2 (last)']);
  });

  test('are kept at once when the VM is deleted while its agent is away', () => {
    const { hub, kept, change, positions } = start([web]);
    hub.of(web.id).send(info(1));
    hub.of(web.id).become('reconnecting');
    change({ kind: 'removed', vm: web });
    expect(kept()).toEqual(['line 1 (last)']);
    expect([hub.joined(), positions.size]).toEqual([0, 0]);
  });

  test('are not kept of a VM that is deleted while its agent answers', () => {
    const { hub, kept, change } = start([web]);
    hub.of(web.id).send(info(1));
    change({ kind: 'removed', vm: web });
    vi.advanceTimersByTime(60_000);
    expect(kept()).toEqual([]);
  });
});
