/**
 * Single VMs: the latest reading at once, then each new one, as fast as the client acknowledges
 * them. A VM that is deleted, or leaves the actor's scope, is gone for its watchers.
 */
import { vmSubscriptionSchema } from '@innkeeper/protocol';
import { authorize } from '../auth/authorize.ts';
import type { Readings } from '../readings/readings.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Connection } from './connection.ts';
import { clientEvent, done, refused, type Feature, type Outcome } from './feature.ts';
import type { PushLimits } from './limits.ts';
import { makeVmFeeds } from './vm-feeds.ts';
import type { VmFeed } from './vm-feed.ts';

export interface VmPushStats {
  readonly subscriptions: number;
  readonly readingsSent: number;
  /** Never sent: a newer one came before the client had acknowledged. */
  readonly readingsReplaced: number;
}

/** Calls back with the id of a VM whose enrolment has changed; the answer ends it. */
export type OnEnrollment = (listener: (vmId: string) => void) => () => void;

export interface VmPush extends Feature {
  stats(): VmPushStats;
  /** Whether anybody is subscribed to this VM. */
  isWatched(vmId: string): boolean;
}

export const makeVmPush = ({
  vms,
  readings,
  limits,
  monotonicMs,
  onEnrollment,
}: {
  readonly vms: Pick<Vms, 'get' | 'onChange'>;
  readonly readings: Readings;
  readonly limits: PushLimits;
  readonly monotonicMs: () => number;
  readonly onEnrollment: OnEnrollment;
}): VmPush => {
  const counters = { readingsSent: 0, readingsReplaced: 0 };
  const feeds = makeVmFeeds({ monotonicMs, counters });
  const watchers = new Map<string, Map<Connection, VmFeed>>();
  const watchedBy = new Map<Connection, Set<string>>();
  let subscriptions = 0;

  const unsubscribe = (connection: Connection, vmId: string): void => {
    const ofVm = watchers.get(vmId);
    if (ofVm?.delete(connection) !== true) return;
    if (ofVm.size === 0) watchers.delete(vmId);
    const own = watchedBy.get(connection);
    own?.delete(vmId);
    if (own?.size === 0) watchedBy.delete(connection);
    subscriptions -= 1;
    feeds.release(connection, vmId);
  };

  const subscribe = (connection: Connection, vmId: string): Outcome => {
    const vm = vms.get(vmId);
    // The same answer for both: who may not see a VM does not learn that it is there.
    if (vm === undefined || !authorize(connection.actor, 'vm.read', vm)) {
      return refused('vm_not_found', 'there is no such VM');
    }
    const known = feeds.get(connection, vmId);
    if (known === undefined && feeds.countOf(connection) >= limits.maxVmSubscriptions) {
      const accepted = `at most ${limits.maxVmSubscriptions} VMs for each connection`;
      return refused('too_many_subscriptions', accepted);
    }
    const afterwards = (): void => {
      const feed = known ?? feeds.make(connection, vmId);
      const ofVm = watchers.get(vmId) ?? new Map<Connection, VmFeed>();
      const own = watchedBy.get(connection) ?? new Set<string>();
      if (!ofVm.has(connection)) subscriptions += 1;
      watchers.set(vmId, ofVm.set(connection, feed));
      watchedBy.set(connection, own.add(vmId));
      feed.resume();
      feed.offer(readings.latest(vm));
    };
    return { ...done, afterwards };
  };

  const stopReadings = readings.onReading(({ id }, reading) => {
    for (const feed of watchers.get(id)?.values() ?? []) feed.offer(reading);
  });

  const stopEnrollment = onEnrollment((vmId) => {
    for (const { socket } of watchers.get(vmId)?.keys() ?? []) {
      socket.emit('vm:enrollment', { vm_id: vmId });
    }
  });

  const stopChanges = vms.onChange(({ kind, vm }) => {
    for (const connection of watchers.get(vm.id)?.keys() ?? []) {
      if (kind !== 'removed' && authorize(connection.actor, 'vm.read', vm)) continue;
      unsubscribe(connection, vm.id);
      connection.socket.emit('vm:gone', { vm_id: vm.id });
    }
  });

  return {
    events: new Map([
      [
        'vm:subscribe',
        clientEvent(vmSubscriptionSchema, (connection, { vm_id: vmId }) =>
          subscribe(connection, vmId),
        ),
      ],
      [
        'vm:unsubscribe',
        clientEvent(vmSubscriptionSchema, (connection, { vm_id: vmId }) => {
          unsubscribe(connection, vmId);
          return done;
        }),
      ],
    ]),
    closed(connection) {
      for (const vmId of watchedBy.get(connection) ?? []) unsubscribe(connection, vmId);
      feeds.drop(connection);
    },
    owesSince: (connection, since) => feeds.owesSince(connection, since),
    stop() {
      stopReadings();
      stopEnrollment();
      stopChanges();
    },
    stats: () => ({ ...counters, subscriptions }),
    isWatched: (vmId) => watchers.has(vmId),
  };
};
