/**
 * Live logs of single VMs. Every subscription is authorised for its VM, and again when the VM changes;
 * one that the actor may no longer see, or that is gone, ends.
 */
import {
  logStreamSchema,
  logSubscriptionSchema,
  type LogStreamName,
  type LogSubscription,
} from '@innkeeper/protocol';
import { authorize } from '../auth/authorize.ts';
import type { Clock } from '../clock.ts';
import type { LogHub } from '../logs/hub/log-hub.ts';
import { makeLineFilter } from '../logs/line-filter.ts';
import { isCursor, mayOpenAt } from '../logs/log-cursor.ts';
import type { VmRecord, Vms } from '../vms/vm-record.ts';
import type { Connection } from './connection.ts';
import { clientEvent, done, refused, type Feature, type Outcome } from './feature.ts';
import type { PushLimits } from './limits.ts';
import { makeLogFeed, type LogFeed, type LogFeedCounters } from './log-feed.ts';
import { makeLogWindow, type LogWindow } from './log-window.ts';

export interface LogPushStats extends Readonly<LogFeedCounters> {
  readonly subscriptions: number;
}

interface OfConnection {
  readonly window: LogWindow;
  /** By VM and source. */
  readonly feeds: Map<string, LogFeed>;
}

const mayRead = ({ actor }: Connection, vm: VmRecord): boolean =>
  authorize(actor, 'vm.read', vm) && authorize(actor, 'logs.read', vm);

const keyOf = ({ vm_id: vmId, source }: LogStreamName): string => `${vmId} ${source ?? ''}`;

export const makeLogPush = ({
  hub,
  vms,
  limits,
  clock,
}: {
  readonly hub: LogHub;
  readonly vms: Pick<Vms, 'get' | 'onChange'>;
  readonly limits: PushLimits;
  readonly clock: Clock;
}): Feature & { stats(): LogPushStats } => {
  const counters: LogFeedCounters = { batchesSent: 0, linesSent: 0, linesDropped: 0 };
  const connections = new Map<Connection, OfConnection>();
  let subscriptions = 0;

  const end = (connection: Connection, key: string): boolean => {
    const own = connections.get(connection);
    const feed = own?.feeds.get(key);
    if (own === undefined || feed === undefined) return false;
    own.feeds.delete(key);
    subscriptions -= 1;
    feed.stop();
    return true;
  };

  const makeFeed = (connection: Connection, wanted: LogSubscription, own: OfConnection) => {
    const { vm_id: vmId, source, after } = wanted;
    const vm = vms.get(vmId);
    if (vm === undefined) return undefined;
    const { socket } = connection;
    const mayOpen = after?.cursor !== undefined && mayOpenAt(after.cursor, source, clock.now());
    const feed = makeLogFeed({
      hub,
      vm,
      source,
      resumeAfter: mayOpen ? after.cursor : undefined,
      sender: {
        state: (state) => void socket.emit('logs:state', state),
        history: (history, received) => void socket.emit('logs:history', history, received),
        lines: (lines, received) => void socket.emit('logs:lines', lines, received),
      },
      window: own.window,
      limits,
      counters,
      clock,
    });
    own.feeds.set(keyOf(wanted), feed);
    subscriptions += 1;
    return feed;
  };

  const subscribe = (connection: Connection, wanted: LogSubscription): Outcome => {
    const { vm_id: vmId, source, after, ...filter } = wanted;
    const vm = vms.get(vmId);
    // The same answer for both: who may not see a VM does not learn that it is there.
    if (vm === undefined || !mayRead(connection, vm)) {
      return refused('vm_not_found', 'there is no such VM');
    }
    if (after?.cursor !== undefined && !isCursor(after.cursor)) {
      return refused('invalid', 'after.cursor: must be the cursor of a line');
    }
    const known = connections.get(connection);
    const key = keyOf(wanted);
    if (known?.feeds.has(key) !== true) {
      if ((known?.feeds.size ?? 0) >= limits.maxLogSubscriptions) {
        const accepted = `at most ${limits.maxLogSubscriptions} streams of logs for each connection`;
        return refused('too_many_subscriptions', accepted);
      }
      if (subscriptions >= limits.maxAllLogSubscriptions || !hub.hasRoom(vmId, source)) {
        return refused('busy', 'too many streams of logs are open: try again later');
      }
    }
    const afterwards = (): void => {
      const own = connections.get(connection) ?? {
        window: makeLogWindow(limits.logWindowBytes),
        feeds: new Map<string, LogFeed>(),
      };
      connections.set(connection, own);
      const feed = own.feeds.get(key) ?? makeFeed(connection, wanted, own);
      feed?.start(makeLineFilter(filter), after);
      hub.retryNow(vmId);
    };
    return { ...done, afterwards };
  };

  const stopChanges = vms.onChange(({ kind, vm }) => {
    for (const [connection, { feeds }] of connections) {
      if (kind !== 'removed' && mayRead(connection, vm)) continue;
      const ended = [...feeds.keys()].filter(
        (key) => key.startsWith(`${vm.id} `) && end(connection, key),
      );
      if (ended.length > 0) connection.socket.emit('logs:gone', { vm_id: vm.id });
    }
  });

  return {
    events: new Map([
      ['logs:subscribe', clientEvent(logSubscriptionSchema, subscribe)],
      [
        'logs:unsubscribe',
        clientEvent(logStreamSchema, (connection, stream) => {
          end(connection, keyOf(stream));
          return done;
        }),
      ],
    ]),
    closed(connection) {
      for (const key of connections.get(connection)?.feeds.keys() ?? []) end(connection, key);
      connections.delete(connection);
    },
    owesSince(connection, since) {
      for (const feed of connections.get(connection)?.feeds.values() ?? []) {
        const sentAt = feed.owesSince();
        if (sentAt !== undefined && sentAt <= since) return true;
      }
      return false;
    },
    stop() {
      stopChanges();
    },
    stats: () => ({ ...counters, subscriptions }),
  };
};
