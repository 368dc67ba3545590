/**
 * The provisioning of single VMs, as it goes on. Who may see what is asked each time that something
 * is sent, so that a right that has gone is gone at once.
 */
import { provisionSubscriptionSchema } from '@innkeeper/protocol';
import { authorize } from '../auth/authorize.ts';
import type { Log } from '../log.ts';
import { presentRound } from '../provisioning/present-round.ts';
import type { ProvisioningSource } from '../provisioning/provisioning.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Connection } from './connection.ts';
import { errorFields } from './error-fields.ts';
import { clientEvent, done, refused, type Feature, type Outcome } from './feature.ts';
import type { PushLimits } from './limits.ts';
import { makeProvisionFeed, type ProvisionFeed } from './provision-feed.ts';

export interface ProvisionPushStats {
  readonly subscriptions: number;
  readonly statesSent: number;
}

export const makeProvisionPush = ({
  source,
  vms,
  limits,
  monotonicMs,
  log,
}: {
  readonly source: ProvisioningSource;
  readonly vms: Pick<Vms, 'get'>;
  readonly limits: PushLimits;
  readonly monotonicMs: () => number;
  readonly log: Log;
}): Feature & { stats(): ProvisionPushStats } => {
  /** By VM. */
  const connections = new Map<Connection, Map<string, ProvisionFeed>>();
  let subscriptions = 0;
  let statesSent = 0;

  const unsubscribe = (connection: Connection, vmId: string): void => {
    const own = connections.get(connection);
    const feed = own?.get(vmId);
    if (own === undefined || feed === undefined) return;
    own.delete(vmId);
    if (own.size === 0) connections.delete(connection);
    subscriptions -= 1;
    feed.stop();
  };

  const send = async (
    connection: Connection,
    vmId: string,
    received: () => void,
  ): Promise<boolean> => {
    const newest = await source.newest(vmId);
    const vm = vms.get(vmId);
    if (vm === undefined || !authorize(connection.actor, 'run.read', vm)) {
      // `vm:gone` tells who watches the VM.
      unsubscribe(connection, vmId);
      return false;
    }
    if (connections.get(connection)?.has(vmId) !== true) return false;
    const mayReadOutput = authorize(connection.actor, 'run.output', vm);
    const round = newest === undefined ? null : presentRound(newest, mayReadOutput);
    statesSent += 1;
    connection.socket.emit('provision:state', { vm_id: vmId, round }, received);
    return true;
  };

  const subscribe = (connection: Connection, vmId: string): Outcome => {
    const vm = vms.get(vmId);
    if (vm === undefined || !authorize(connection.actor, 'run.read', vm)) {
      return refused('vm_not_found', 'there is no such VM');
    }
    const own = connections.get(connection) ?? new Map<string, ProvisionFeed>();
    const known = own.get(vmId);
    if (known === undefined && own.size >= limits.maxProvisionSubscriptions) {
      const accepted = `at most ${limits.maxProvisionSubscriptions} VMs for each connection`;
      return refused('too_many_subscriptions', accepted);
    }
    const afterwards = (): void => {
      const feed =
        known ??
        makeProvisionFeed({
          send: async (received) => send(connection, vmId, received),
          onError: (error) => log.warn('provisioning cannot be read', errorFields(error)),
          limits,
          monotonicMs,
        });
      if (known === undefined) subscriptions += 1;
      connections.set(connection, own.set(vmId, feed));
      feed.changed();
    };
    return { ...done, afterwards };
  };

  const stopListening = source.onChange((vmId) => {
    for (const own of connections.values()) own.get(vmId)?.changed();
  });

  return {
    events: new Map([
      [
        'provision:subscribe',
        clientEvent(provisionSubscriptionSchema, (connection, { vm_id: vmId }) =>
          subscribe(connection, vmId),
        ),
      ],
      [
        'provision:unsubscribe',
        clientEvent(provisionSubscriptionSchema, (connection, { vm_id: vmId }) => {
          unsubscribe(connection, vmId);
          return done;
        }),
      ],
    ]),
    closed(connection) {
      for (const vmId of connections.get(connection)?.keys() ?? []) unsubscribe(connection, vmId);
    },
    owesSince(connection, since) {
      for (const feed of connections.get(connection)?.values() ?? []) {
        const sentAt = feed.owesSince();
        if (sentAt !== undefined && sentAt <= since) return true;
      }
      return false;
    },
    stop() {
      stopListening();
      for (const [connection, own] of connections) {
        for (const vmId of own.keys()) unsubscribe(connection, vmId);
      }
    },
    stats: () => ({ subscriptions, statesSent }),
  };
};
