/**
 * One VM's log as it comes over the socket. After a lost connection it asks for what comes after the
 * last line that is here.
 */
import type {
  LogEntry,
  LogHistory,
  LogLines,
  LogSource,
  LogState,
  LogStreamName,
} from '@innkeeper/protocol';
import { acknowledged, type Connection } from '../state/connection.ts';
import { makeResume, type Batch } from './resume.ts';

export type StreamStatus =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'told'; readonly state: LogState }
  /** By the manager: not this VM, or not now. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'gone' };

export interface StreamSink {
  /** @param missing before the entries; null: nobody knows how many */
  onEntries(entries: readonly LogEntry[], missing: number | null, isLive: boolean): void;
  /** The lines that are here do not join those to come. */
  onAnew(): void;
  /** The cursors of the last lines that are here. */
  known(): ReadonlySet<string>;
  onStatus(status: StreamStatus): void;
}

export interface LogStreamDependencies {
  readonly vmId: string;
  readonly source: LogSource | undefined;
  readonly connection: Connection;
  readonly sink: StreamSink;
}

/** Until the answer is called. */
export const followLog = ({
  vmId,
  source,
  connection,
  sink,
}: LogStreamDependencies): (() => void) => {
  const { socket } = connection;
  const name: LogStreamName = { vm_id: vmId, ...(source === undefined ? {} : { source }) };
  const resume = makeResume();
  let hasEnded = false;

  const isMine = (of: {
    readonly vm_id: string;
    readonly source?: LogSource | undefined;
  }): boolean => of.vm_id === vmId && of.source === source;
  const take = (batch: Batch, isLive: boolean): void => {
    const { entries, missing, isAnew } = resume.take(batch, () => sink.known());
    if (isAnew) sink.onAnew();
    sink.onEntries(entries, missing, isLive);
  };
  const onHistory = (history: LogHistory, received: () => void): void => {
    if (!isMine(history)) return;
    received();
    take(history, false);
  };
  const onLines = (lines: LogLines, received: () => void): void => {
    if (!isMine(lines)) return;
    received();
    take(lines, true);
  };
  const onState = (state: LogState): void => {
    if (isMine(state)) sink.onStatus({ kind: 'told', state });
  };
  const onGone = ({ vm_id: id }: { readonly vm_id: string }): void => {
    if (id === vmId) sink.onStatus({ kind: 'gone' });
  };
  const subscribe = async (): Promise<void> => {
    const after = resume.position();
    const wanted = { ...name, ...(after === undefined ? {} : { after }) };
    const answer = await acknowledged((acknowledge) =>
      socket.emit('logs:subscribe', wanted, acknowledge),
    );
    if (answer.ok || hasEnded) return;
    sink.onStatus(
      answer.error?.code === 'vm_not_found'
        ? { kind: 'gone' }
        : { kind: 'refused', message: answer.error?.message ?? 'The manager refuses these logs.' },
    );
  };

  socket.on('logs:history', onHistory);
  socket.on('logs:lines', onLines);
  socket.on('logs:state', onState);
  socket.on('logs:gone', onGone);
  const endSubscription = connection.onConnect(() => void subscribe());
  return () => {
    hasEnded = true;
    endSubscription();
    socket.off('logs:history', onHistory);
    socket.off('logs:lines', onLines);
    socket.off('logs:state', onState);
    socket.off('logs:gone', onGone);
    if (socket.connected) socket.emit('logs:unsubscribe', name, () => undefined);
  };
};
