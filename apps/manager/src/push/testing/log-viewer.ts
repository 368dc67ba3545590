/** A viewer of one stream of logs, as the pages have one: what it shows, and what it was told. */
import type {
  Acknowledgement,
  LogEntry,
  LogHistory,
  LogLines,
  LogMark,
  LogPosition,
  LogState,
  LogSubscription,
} from '@innkeeper/protocol';
import type { Client } from './push-server.ts';

export interface LogViewer {
  readonly entries: LogEntry[];
  readonly states: LogState[];
  readonly histories: LogHistory[];
  readonly batches: LogLines[];
  /** VMs whose subscriptions were ended. */
  readonly gone: string[];
  unsubscribe(): Promise<Acknowledgement>;
  close(): void;
  subscribe(more?: Partial<LogSubscription>): Promise<Acknowledgement>;
  messages(): readonly string[];
  marks(): readonly LogMark[];
  /** Entries that were reported as dropped. */
  dropped(): number;
  position(): LogPosition | undefined;
  /** From now on nothing is acknowledged, until `catchUp`. */
  fallBehind(): void;
  catchUp(): void;
}

export const viewLogs = (client: Client, vmId: string): LogViewer => {
  const entries: LogEntry[] = [];
  const states: LogState[] = [];
  const histories: LogHistory[] = [];
  const batches: LogLines[] = [];
  const gone: string[] = [];
  let position: LogPosition | undefined;
  let dropped = 0;
  let isBehind = false;
  let owed: (() => void)[] = [];

  const take = (batch: LogLines, received: () => void): void => {
    entries.push(...batch.lines);
    dropped += batch.dropped ?? 0;
    const last = batch.lines.findLast((entry) => 'cursor' in entry);
    const cursor = last !== undefined && 'cursor' in last ? last.cursor : position?.cursor;
    position = { epoch: batch.epoch, seq: batch.through, ...(cursor !== undefined && { cursor }) };
    if (isBehind) owed.push(received);
    else received();
  };
  client.on('logs:gone', (vm) => gone.push(vm.vm_id));
  client.on('logs:state', (state) => states.push(state));
  client.on('logs:history', (history, received) => {
    if (history.fresh) entries.length = 0;
    histories.push(history);
    take(history, received);
  });
  client.on('logs:lines', (lines, received) => {
    batches.push(lines);
    take(lines, received);
  });

  return {
    entries,
    states,
    histories,
    batches,
    gone,
    unsubscribe: async () =>
      new Promise((resolve) => {
        client.emit('logs:unsubscribe', { vm_id: vmId }, resolve);
      }),
    close: () => {
      client.disconnect();
    },
    subscribe: async (more = {}) =>
      new Promise((resolve) => {
        client.emit('logs:subscribe', { vm_id: vmId, ...more }, resolve);
      }),
    messages: () => entries.flatMap((entry) => ('message' in entry ? entry.message : [])),
    marks: () => entries.flatMap((entry) => ('mark' in entry ? entry : [])),
    dropped: () => dropped,
    position: () => position,
    fallBehind: () => {
      isBehind = true;
    },
    catchUp: () => {
      isBehind = false;
      for (const received of owed) received();
      owed = [];
    },
  };
};
