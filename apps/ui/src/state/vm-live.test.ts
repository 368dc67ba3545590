import type { Reading } from '@innkeeper/protocol';
import { signal } from '@preact/signals';
import { io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AppSocket, Connection } from './connection.ts';
import { makeVmLive } from './vm-live.ts';

const VM = '11111111-1111-4111-8111-111111111111';
const START = 1_000_000;

const UNKNOWN = { cpu: null, memory: null, network: null, disk: null } as const;

const readingAt = (takenAt: number, vmId = VM): Reading => ({
  vm_id: vmId,
  taken_at: takenAt,
  age_ms: 0,
  state: 'up',
  origin: 'guest',
  reason: null,
  message: null,
  reasons: UNKNOWN,
  origins: UNKNOWN,
  identity: 'verified',
  agent_seen_at: takenAt,
  boot_id: null,
  uptime_seconds: 1,
  clock_offset_ms: 0,
  pull_seconds: 0.01,
  next_pull_at: null,
  cpu_usage_percent: 42,
  cpu_user_percent: null,
  cpu_system_percent: null,
  cpu_iowait_percent: null,
  cpu_steal_percent: null,
  cpu_count: 2,
  cores: null,
  memory_usage_percent: null,
  memory_used_bytes: null,
  memory_total_bytes: null,
  memory_available_bytes: null,
  memory_cached_bytes: null,
  swap_used_bytes: null,
  swap_total_bytes: null,
  load1: null,
  load5: null,
  load15: null,
  pressure_cpu_percent: null,
  pressure_memory_percent: null,
  pressure_io_percent: null,
  process_count: null,
  processes_running: null,
  processes_blocked: null,
  network_rx_bytes_per_second: null,
  network_tx_bytes_per_second: null,
  network_problems_per_second: null,
  disk_read_bytes_per_second: null,
  disk_write_bytes_per_second: null,
  disk_reads_per_second: null,
  disk_writes_per_second: null,
  disk_read_await_seconds: null,
  disk_write_await_seconds: null,
  disk_busy_percent: null,
  filesystem_usage_percent: null,
  networks: null,
  disks: null,
  filesystems: null,
  top: null,
  top_at: null,
  host: null,
});

const setUp = () => {
  const socket: AppSocket = io({ autoConnect: false });
  const asked: string[] = [];
  const connection: Connection = {
    socket,
    state: signal({ kind: 'live' }),
    onConnect: (subscribe) => {
      subscribe();
      return () => undefined;
    },
    start: () => undefined,
    retryNow: () => undefined,
    stop: () => undefined,
  };
  const page = Object.assign(new EventTarget(), { hidden: false });
  const live = makeVmLive({
    vmId: VM,
    connection,
    now: () => Date.now(),
    ticker: { beat: (show) => show() },
    document: page,
    history: async ({ from, to }) => {
      asked.push(`${from}-${to}`);
      return { ok: true, value: { rows: [], stepMs: 1000, start: from } };
    },
  });
  const acknowledged = vi.fn<() => void>();
  return {
    live,
    page,
    asked,
    acknowledged,
    send: (reading: Reading) => {
      for (const listener of socket.listeners('vm')) listener(reading, acknowledged);
    },
    gone: (vmId: string) => {
      for (const listener of socket.listeners('vm:gone')) listener({ vm_id: vmId });
    },
    listeners: () => socket.listeners('vm').length + socket.listeners('vm:gone').length,
  };
};

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

test('each reading is acknowledged, shown, and kept once', () => {
  const { live, send, acknowledged } = setUp();
  const end = live.follow();
  send(readingAt(START));
  send(readingAt(START));
  send(readingAt(START + 1000));
  expect(acknowledged).toHaveBeenCalledTimes(3);
  expect([...live.samples.view().times]).toStrictEqual([START, START + 1000]);
  expect([...live.samples.view().column('cpu_usage_percent')]).toStrictEqual([42, 42]);
  expect(live.moments).toHaveLength(2);
  expect(live.reading.value?.taken_at).toBe(START + 1000);
  end();
});

test('a reading of another VM is acknowledged and left alone', () => {
  const { live, send, acknowledged } = setUp();
  const end = live.follow();
  send(readingAt(START, '22222222-2222-4222-8222-222222222222'));
  expect(acknowledged).toHaveBeenCalledOnce();
  expect(live.samples.length).toBe(0);
  end();
});

test('a tab that is hidden keeps readings and shows the newest when it is looked at', () => {
  const { live, page, send } = setUp();
  const end = live.follow();
  page.hidden = true;
  send(readingAt(START));
  send(readingAt(START + 1000));
  expect([live.tick.value, live.reading.value]).toStrictEqual([0, undefined]);
  expect(live.samples.length).toBe(2);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  expect(live.reading.value?.taken_at).toBe(START + 1000);
  end();
});

test('the manager’s clock is the one of the readings', () => {
  const { live, send } = setUp();
  const end = live.follow();
  send(readingAt(START + 60_000));
  expect(live.managerNow()).toBe(START + 60_000);
  vi.setSystemTime(START + 500);
  expect(live.managerNow()).toBe(START + 60_500);
  end();
});

test('a VM that is gone is said to be, and only that one', () => {
  const { live, gone } = setUp();
  const end = live.follow();
  gone('22222222-2222-4222-8222-222222222222');
  expect(live.status.value.kind).toBe('waiting');
  gone(VM);
  expect(live.status.value.kind).toBe('gone');
  end();
});

test('whoever follows no longer leaves nothing behind', async () => {
  const { live, asked, listeners } = setUp();
  const end = live.follow();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveLength(1);
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
  expect(listeners()).toBe(0);
});
