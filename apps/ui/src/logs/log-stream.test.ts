import type { Acknowledgement, LogEntry, LogHistory } from '@innkeeper/protocol';
import { signal } from '@preact/signals';
import { io } from 'socket.io-client';
import { expect, test, vi } from 'vitest';
import type { AppSocket, Connection } from '../state/connection.ts';
import { makeLine } from '../testing/log-entries.ts';
import { followLog, type StreamStatus } from './log-stream.ts';

const VM = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

const setUp = () => {
  const socket: AppSocket = io({ autoConnect: false });
  const asked: unknown[] = [];
  let answer: Acknowledgement = { ok: true };
  vi.spyOn(socket, 'emit').mockImplementation((...sent) => {
    const [event, wanted] = sent;
    const acknowledge = sent.at(-1);
    asked.push([event, structuredClone(wanted)]);
    if (typeof acknowledge === 'function') acknowledge(answer);
    return socket;
  });
  const subscribers = new Set<() => void>();
  const connection: Connection = {
    socket,
    state: signal({ kind: 'live' }),
    onConnect: (subscribe) => {
      subscribers.add(subscribe);
      subscribe();
      return () => subscribers.delete(subscribe);
    },
    start: () => undefined,
    retryNow: () => undefined,
    stop: () => undefined,
  };
  const lines: LogEntry[] = [];
  const missing: (number | null)[] = [];
  const statuses: StreamStatus[] = [];
  const stop = followLog({
    vmId: VM,
    source: undefined,
    connection,
    sink: {
      known: () => new Set(),
      onAnew: () => missing.push(null),
      onStatus: (status) => statuses.push(status),
      onEntries: (entries, count) => {
        lines.push(...entries);
        if (count !== 0) missing.push(count);
      },
    },
  });
  const received = vi.fn<() => void>();
  const batch = (seqs: readonly number[]): LogHistory => ({
    vm_id: VM,
    epoch: 'one',
    lines: seqs.map((seq) => makeLine(seq)),
    dropped: 0,
    through: seqs.at(-1) ?? 0,
    fresh: true,
  });
  return {
    asked,
    lines,
    missing,
    statuses,
    stop,
    received,
    send: (event: 'logs:history' | 'logs:lines', seqs: readonly number[], vmId = VM) => {
      const sent = { ...batch(seqs), vm_id: vmId };
      for (const listener of socket.listeners(event)) listener(sent, received);
    },
    gone: (vmId: string) => {
      for (const listener of socket.listeners('logs:gone')) listener({ vm_id: vmId });
    },
    reconnect: () => {
      for (const subscribe of subscribers) subscribe();
    },
    refuse: (code: string) => {
      answer = { ok: false, error: { code, message: 'not now' } };
    },
    listeners: () => socket.listeners('logs:lines').length + socket.listeners('logs:gone').length,
  };
};

test('after a reconnect it asks for what comes after the last line, and takes none twice', () => {
  const stream = setUp();
  expect(stream.asked).toStrictEqual([['logs:subscribe', { vm_id: VM }]]);
  stream.send('logs:history', [1, 2]);
  stream.send('logs:lines', [3]);
  stream.reconnect();
  expect(stream.asked[1]).toStrictEqual([
    'logs:subscribe',
    { vm_id: VM, after: { epoch: 'one', seq: 3, cursor: 'c3' } },
  ]);
  stream.send('logs:history', [3, 4, 5]);
  expect(stream.lines.map(({ seq }) => seq)).toStrictEqual([1, 2, 3, 4, 5]);
  expect(stream.missing).toStrictEqual([]);
  expect(stream.received).toHaveBeenCalledTimes(3);
  stream.stop();
});

test('what is for another VM is neither taken nor acknowledged', () => {
  const stream = setUp();
  stream.send('logs:lines', [1], OTHER);
  stream.gone(OTHER);
  expect([stream.lines, stream.statuses]).toStrictEqual([[], []]);
  expect(stream.received).not.toHaveBeenCalled();
  stream.gone(VM);
  expect(stream.statuses).toStrictEqual([{ kind: 'gone' }]);
  stream.stop();
  expect(stream.listeners()).toBe(0);
});

test('a refusal says why', async () => {
  const stream = setUp();
  stream.refuse('too_many');
  stream.reconnect();
  await vi.waitFor(() => {
    expect(stream.statuses).toStrictEqual([{ kind: 'refused', message: 'not now' }]);
  });
  stream.refuse('vm_not_found');
  stream.reconnect();
  await vi.waitFor(() => {
    expect(stream.statuses.at(-1)).toStrictEqual({ kind: 'gone' });
  });
  stream.stop();
});
