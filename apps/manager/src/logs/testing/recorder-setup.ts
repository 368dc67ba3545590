/** A recorder with a hub, a registry and a clock that tests turn by hand. */
import type { LogEvent, LogPolicy } from '@innkeeper/protocol';
import { expect, onTestFinished, vi } from 'vitest';
import { makeFakeLogHub, type FakeLogHub } from '../../../../../test/support/fake-log-hub.ts';
import { LOG_START, makeLogEvent } from '../../../../../test/support/log-lines.ts';
import { makeVm } from '../../../../../test/support/registry-fixtures.ts';
import type { VmChange, VmRecord } from '../../vms/vm-record.ts';
import { makeAllowances } from '../kept/allowances.ts';
import type { KeptRow } from '../kept/kept-row.ts';
import { DEFAULT_POLICY } from '../kept/policies.ts';
import { makeRecorder, type Recorder } from '../kept/recorder.ts';
import type { LogVm } from '../kept/sql/upsert-log-vms.ts';

export const PLENTY = 1024 ** 3;
const DAY_MS = 24 * 3_600_000;

export interface RecorderSetup {
  readonly hub: FakeLogHub;
  readonly recorder: Recorder;
  readonly rows: KeptRow[];
  readonly positions: Map<number, LogVm>;
  readonly change: (change: VmChange) => void;
  readonly setPolicy: (policyOf: (vm: Pick<VmRecord, 'labels'>) => LogPolicy) => void;
  readonly kept: () => string[];
  freeBytes: number;
}

export const vmAt = (number: number, more: Partial<VmRecord> = {}): VmRecord =>
  makeVm(number, { guestIp: `10.0.0.${number}`, ...more });

export const startRecorder = (
  vms: readonly VmRecord[],
  {
    roomBytes = PLENTY,
    positions = new Map<number, LogVm>(),
    hub = makeFakeLogHub(() => Date.now()),
    returnMs = 0,
  }: {
    roomBytes?: number;
    positions?: Map<number, LogVm>;
    hub?: FakeLogHub;
    returnMs?: number;
  } = {},
): RecorderSetup => {
  if (!vi.isFakeTimers()) {
    vi.useFakeTimers({ now: LOG_START });
    onTestFinished(() => {
      vi.useRealTimers();
    });
  }
  const registered = new Map(vms.map((vm) => [vm.id, vm]));
  const listeners = new Set<(change: VmChange) => void>();
  const policyListeners = new Set<() => void>();
  let policyOf: (vm: Pick<VmRecord, 'labels'>) => LogPolicy = () => DEFAULT_POLICY;
  const rows: KeptRow[] = [];
  const clock = { now: () => Date.now(), monotonicMs: () => Date.now() - LOG_START };
  const listen = <Listener>(all: Set<Listener>, listener: Listener) => {
    all.add(listener);
    return () => {
      all.delete(listener);
    };
  };
  const setup = { freeBytes: PLENTY };
  const recorder = makeRecorder({
    hub: hub.hub,
    vms: {
      all: () => registered.values(),
      onChange: (listener) => listen(listeners, listener),
    },
    policies: {
      policyOf: (vm) => policyOf(vm),
      onChange: (listener) => listen(policyListeners, listener),
    },
    positions: {
      of: (key) => positions.get(key),
      note: (vm) => positions.set(vm.vmKey, vm),
      forget: (key) => positions.delete(key),
    },
    allowances: makeAllowances(roomBytes, clock),
    add: (row) => rows.push(row),
    freeBytes: () => setup.freeBytes,
    clock,
    random: () => 0.5,
    keepMs: 14 * DAY_MS,
    options: { joinsPerTick: 20, returnMs },
  });
  recorder.start();
  onTestFinished(() => {
    recorder.stop();
    expect([hub.joined(), listeners.size, policyListeners.size, vi.getTimerCount()]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(recorder.stats().packedBytes).toBe(0);
  });
  return Object.assign(setup, {
    hub,
    recorder,
    rows,
    positions,
    change: (change: VmChange) => {
      if (change.kind === 'removed') registered.delete(change.vm.id);
      else registered.set(change.vm.id, change.vm);
      for (const listener of listeners) listener(change);
    },
    setPolicy: (next: (vm: Pick<VmRecord, 'labels'>) => LogPolicy) => {
      policyOf = next;
      for (const listener of policyListeners) listener();
    },
    kept: () => rows.map(({ message, keptFor }) => `${message}${keptFor === 1 ? ' (last)' : ''}`),
  });
};

export const info = (number: number): LogEvent => makeLogEvent(number, { level: 'info' });
export const web = vmAt(1);
