/** The latest reading of every VM: made anew at each of its turns, told to whoever listens. */
import type { Origin, Reading, Sample, VmState } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { HostObservation } from '../hosts/host-observation.ts';
import type { Log } from '../log.ts';
import type { Turn } from '../pull/pull-result.ts';
import { describePlaceOf, placeOf } from '../vms/agent-place.ts';
import type { VmChange, VmRecord, Vms } from '../vms/vm-record.ts';
import { makeHourlyCap, type HourlyCap } from './hourly-cap.ts';
import { makeListeners } from './listeners.ts';
import type { Readings } from './readings.ts';
import type { NewVmEvent } from './vm-events.ts';
import { makeVmMemory, type Now, type Remembered, type VmMemory } from './vm-memory.ts';

export interface RememberedVm extends Remembered {
  readonly vmKey: number;
}

export interface ReadingsStats {
  readonly states: Readonly<Record<VmState, number>>;
  readonly origins: Readonly<Record<Origin, number>>;
  readonly readingsTotal: number;
  readonly eventsTotal: number;
  /** Events beyond the hourly limit of a VM. */
  readonly eventsDroppedTotal: number;
  /** Turns of VMs that were removed, or asked at an address that is no longer theirs. */
  readonly turnsIgnoredTotal: number;
  readonly listenerFailuresTotal: number;
}

export interface VmReadings extends Readings {
  /** One turn, one reading; undefined where the turn came too late to count. */
  turn(
    vm: VmRecord,
    turn: Turn<Sample>,
    host: HostObservation,
    extras?: { readonly clockOffsetMs?: number },
  ): Reading | undefined;
  /** What was known before a restart; once, before the first turn. */
  restore(rows: Iterable<RememberedVm>): void;
  onEvent(listener: (vm: VmRecord, event: NewVmEvent) => void): () => void;
  stats(): ReadingsStats;
  /** Ends listening to the registry. */
  stop(): Promise<void>;
}

export interface ReadingsDependencies {
  readonly vms: Pick<Vms, 'all' | 'count' | 'get' | 'onChange'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
  /** How often each VM has its turn. */
  readonly intervalMs: number;
}

/** An event a minute tells of flapping all that there is to tell. */
const MOST_EVENTS_PER_HOUR = 60;

interface Known {
  readonly memory: VmMemory;
  readonly events: HourlyCap;
}

const isReaddressed = (one: VmRecord, other: VmRecord): boolean =>
  describePlaceOf(one) !== describePlaceOf(other);

const isElsewhere = (one: VmRecord, other: VmRecord): boolean =>
  one.hostId !== other.hostId || JSON.stringify(one.vmm) !== JSON.stringify(other.vmm);

export const makeReadings = ({ vms, clock, log, intervalMs }: ReadingsDependencies): VmReadings => {
  // By id; only of VMs that are registered.
  const known = new Map<string, Known>();
  const monotonicMs = (): number => clock.monotonicMs();
  const readings = makeListeners<[VmRecord, Reading]>('reading', log, monotonicMs);
  const events = makeListeners<[VmRecord, NewVmEvent]>('event', log, monotonicMs);
  let readingsTotal = 0;
  let eventsTotal = 0;
  let eventsDroppedTotal = 0;
  let turnsIgnoredTotal = 0;

  const now = (): Now => ({ at: clock.now(), monotonicMs: clock.monotonicMs() });

  const newlyKnown = (id: string, remembered?: Remembered): Known => ({
    memory: makeVmMemory(id, intervalMs, remembered),
    events: makeHourlyCap(MOST_EVENTS_PER_HOUR),
  });

  const changed = (change: VmChange): void => {
    if (change.kind === 'removed') {
      known.delete(change.vm.id);
    } else if (change.kind === 'changed') {
      const memory = known.get(change.vm.id)?.memory;
      if (isReaddressed(change.vm, change.before)) memory?.forgetGuest();
      if (isElsewhere(change.vm, change.before)) memory?.forgetHost();
    }
  };
  const stopListening = vms.onChange(changed);

  const tell = (vm: VmRecord, cap: HourlyCap, event: NewVmEvent, nowMs: number): void => {
    if (!cap.take(nowMs)) {
      eventsDroppedTotal += 1;
      return;
    }
    eventsTotal += 1;
    events.call(vm, event);
  };

  return {
    turn: (asked, turn, host, extras) => {
      const vm = vms.get(asked.id);
      if (vm === undefined || isReaddressed(vm, asked)) {
        turnsIgnoredTotal += 1;
        return undefined;
      }
      const moment = now();
      const entry = known.get(vm.id) ?? newlyKnown(vm.id);
      known.set(vm.id, entry);
      const outcome = entry.memory.take(turn, host, moment, extras?.clockOffsetMs);
      readingsTotal += 1;
      readings.call(vm, outcome.reading);
      for (const event of outcome.events) tell(vm, entry.events, event, moment.monotonicMs);
      return outcome.reading;
    },
    latest: (vm) => {
      const entry = known.get(vm.id) ?? newlyKnown(vm.id);
      return entry.memory.latest(now(), placeOf(vm) !== undefined);
    },
    restore: (rows) => {
      const ids = new Map<number, string>();
      for (const { key, id } of vms.all()) ids.set(key, id);
      for (const row of rows) {
        const id = ids.get(row.vmKey);
        if (id !== undefined && !known.has(id)) known.set(id, newlyKnown(id, row));
      }
    },
    onReading: (listener) => readings.add(listener),
    onEvent: (listener) => events.add(listener),
    stats: () => {
      const states = { up: 0, degraded: 0, stale: 0, down: 0, unknown: 0 };
      const origins = { guest: 0, host: 0, none: 0 };
      for (const { memory } of known.values()) {
        const { state, origin } = memory.state();
        states[state] += 1;
        origins[origin] += 1;
      }
      const unheard = Math.max(0, vms.count() - known.size);
      states.unknown += unheard;
      origins.none += unheard;
      return {
        states,
        origins,
        readingsTotal,
        eventsTotal,
        eventsDroppedTotal,
        turnsIgnoredTotal,
        listenerFailuresTotal: readings.failures() + events.failures(),
      };
    },
    stop: () => {
      stopListening();
      return Promise.resolve();
    },
  };
};
