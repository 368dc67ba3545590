/** Readings with a registry, clocks and a log that tests turn by hand. */
import type { Reading, Sample } from '@innkeeper/protocol';
import type { HostObservation } from '../hosts/host-observation.ts';
import type { PullFailure, Turn } from '../pull/pull-result.ts';
import { START_MS } from './samples.ts';
import type { VmChange, VmRecord } from '../vms/vm-record.ts';
import { makeReadings, type VmReadings } from '../readings/make-readings.ts';
import type { NewVmEvent } from '../readings/vm-events.ts';

export const vmRecord = (number: number, more: Partial<VmRecord> = {}): VmRecord => ({
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  key: number,
  name: `vm-${number}`,
  guestIp: `10.0.0.${number}`,
  agentPort: 8080,
  agentSocket: undefined,
  hostId: undefined,
  vmm: undefined,
  labels: {},
  enrolledAt: undefined,
  tlsPin: undefined,
  isLocal: false,
  createdAt: START_MS,
  updatedAt: START_MS,
  ...more,
});

export const NO_HOST: HostObservation = { kind: 'no_host' };

export const failedTurn = (
  kind: PullFailure['kind'] = 'timeout',
  message = 'no answer',
): Turn<Sample> => ({
  kind: 'pulled',
  result: { ok: false, failure: { kind, message }, seconds: 0.5 },
});

export interface Setup {
  readonly readings: VmReadings;
  readonly heard: Reading[];
  readonly events: NewVmEvent[];
  readonly logged: string[];
  /** Milliseconds since the start, by both clocks. */
  readonly at: (ms: number) => void;
  readonly change: (change: VmChange) => void;
  readonly good: (vm: VmRecord, sample: Sample, host?: HostObservation) => Reading | undefined;
}

export const makeSetup = (intervalMs: number, ...vms: readonly VmRecord[]): Setup => {
  let ms = 0;
  const records = new Map(vms.map((vm) => [vm.id, vm]));
  const listeners = new Set<(change: VmChange) => void>();
  const heard: Reading[] = [];
  const events: NewVmEvent[] = [];
  const logged: string[] = [];
  const readings = makeReadings({
    vms: {
      all: () => records.values(),
      count: () => records.size,
      get: (id) => records.get(id),
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    clock: { now: () => START_MS + ms, monotonicMs: () => 50_000 + ms },
    log: { error: (message) => logged.push(message) },
    intervalMs,
  });
  readings.onReading((_, reading) => heard.push(reading));
  readings.onEvent((_, event) => events.push(event));
  return {
    readings,
    heard,
    events,
    logged,
    at: (now) => {
      ms = now;
    },
    change: (change) => {
      if (change.kind === 'removed') records.delete(change.vm.id);
      else records.set(change.vm.id, change.vm);
      for (const listener of listeners) listener(change);
    },
    good: (vm, value, host = NO_HOST) =>
      readings.turn(
        vm,
        {
          kind: 'pulled',
          result: {
            ok: true,
            value,
            seconds: 0.01,
            receivedAt: START_MS + ms,
            receivedMonotonicMs: 50_000 + ms,
          },
        },
        host,
      ),
  };
};
