/**
 * One VM as it is now: its readings as they come, and the last quarter of an hour of them. What was
 * missed, before the page was opened or while there was no connection, is filled in from the
 * history.
 */
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type { ProcessEntry, Reading } from '@innkeeper/protocol';
import { makeSampleBuffer, type SampleBuffer } from '../charts/samples.ts';
import type { ApiProblem } from './api.ts';
import { acknowledged, type Connection } from './connection.ts';
import { COLUMNS, rowOfReading } from './vm-columns.ts';
import { makeFiller } from './history-filler.ts';
import type { Ticker } from './ticker.ts';
import type { VmHistory } from './vm-history.ts';

export type LiveStatus =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'live' }
  /** The VM is no more, or no longer for these eyes. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly message: string };

/** What is too much to keep for a quarter of an hour. */
export interface Moment {
  readonly at: number;
  readonly cores: Reading['cores'];
  readonly top: readonly ProcessEntry[] | null;
  /** When that list was made: often some time before. */
  readonly topAt: number | null;
}

export interface VmLive {
  readonly status: ReadonlySignal<LiveStatus>;
  readonly reading: ReadonlySignal<Reading | undefined>;
  /** Why what was missed could not be filled in. */
  readonly problem: ReadonlySignal<ApiProblem | undefined>;
  /** Moves with each reading, and when something was filled in. */
  readonly tick: ReadonlySignal<number>;
  readonly samples: SampleBuffer;
  /** Oldest first. */
  readonly moments: readonly Moment[];
  onReading(listener: (reading: Reading) => void): () => void;
  /** By the manager's clock. */
  managerNow(): number;
  /** Of the newest reading, by this machine's clock. */
  receivedAt(): number | undefined;
  fillIn(): void;
  follow(): () => void;
}

export interface VmLiveDependencies {
  readonly vmId: string;
  readonly connection: Connection;
  readonly history: VmHistory;
  readonly now: () => number;
  readonly ticker: Pick<Ticker, 'beat'>;
  readonly document: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;
}

const KEEP = 900;
const KEEP_MOMENTS = 300;
const STEP_MS = 1_000;
/** How much later each reading may have come than the quickest of them, at most. */
const CLOCK_DRIFT_MS = 20;

export const makeVmLive = ({
  vmId,
  connection,
  history,
  now,
  ticker,
  document,
}: VmLiveDependencies): VmLive => {
  const { socket } = connection;
  const status = signal<LiveStatus>({ kind: 'waiting' });
  const reading = signal<Reading | undefined>(undefined);
  const problem = signal<ApiProblem | undefined>(undefined);
  const tick = signal(0);
  const samples = makeSampleBuffer(COLUMNS, KEEP, STEP_MS);
  const moments: Moment[] = [];
  const listeners = new Set<(reading: Reading) => void>();
  let clockOffset: number | undefined;
  let receivedAt: number | undefined;
  let newest: Reading | undefined;

  /** Nobody looks at a hidden tab: it only keeps what it will need. */
  const show = (): void => {
    if (document.hidden) return;
    batch(() => {
      reading.value = newest;
      tick.value += 1;
    });
  };
  const managerNow = (): number => now() + (clockOffset ?? 0);

  const onVm = (received: Reading, acknowledge: () => void): void => {
    acknowledge();
    if (received.vm_id !== vmId) return;
    receivedAt = now();
    const ahead = received.taken_at - receivedAt;
    // The first one may be old: it is the last there was, not a new one.
    clockOffset =
      clockOffset === undefined || newest === undefined
        ? ahead + received.age_ms
        : Math.max(ahead, clockOffset - CLOCK_DRIFT_MS);
    // Another object would be another status: all of the page would be made anew each second.
    if (status.peek().kind !== 'live') status.value = { kind: 'live' };
    if (samples.push(rowOfReading(received))) {
      const { taken_at: at, cores, top, top_at: topAt } = received;
      moments.push({ at, cores, top, topAt });
      if (moments.length > KEEP_MOMENTS) moments.shift();
      for (const listener of listeners) listener(received);
    }
    newest = received;
    ticker.beat(show);
  };
  const onGone = ({ vm_id: id }: { vm_id: string }): void => {
    if (id === vmId) status.value = { kind: 'gone' };
  };

  const filler = makeFiller({
    samples,
    history,
    managerNow,
    onFilled: (failure) => {
      problem.value = failure;
      ticker.beat(show);
    },
  });

  const subscribe = async (): Promise<void> => {
    filler.fillIn();
    const answer = await acknowledged((acknowledge) =>
      socket.emit('vm:subscribe', { vm_id: vmId }, acknowledge),
    );
    if (answer.ok) return;
    if (answer.error?.code === 'vm_not_found') {
      status.value = { kind: 'gone' };
    } else if (status.value.kind !== 'live') {
      status.value = {
        kind: 'refused',
        message: answer.error?.message ?? 'The manager refuses this VM.',
      };
    }
  };

  return {
    status,
    reading,
    problem,
    tick,
    samples,
    moments,
    managerNow,
    fillIn: filler.fillIn,
    receivedAt: () => receivedAt,
    onReading: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    follow: () => {
      socket.on('vm', onVm);
      socket.on('vm:gone', onGone);
      document.addEventListener('visibilitychange', show);
      const endSubscription = connection.onConnect(() => void subscribe());
      return () => {
        endSubscription();
        filler.stop();
        socket.off('vm', onVm);
        socket.off('vm:gone', onGone);
        document.removeEventListener('visibilitychange', show);
        if (socket.connected) socket.emit('vm:unsubscribe', { vm_id: vmId }, () => undefined);
      };
    },
  };
};
