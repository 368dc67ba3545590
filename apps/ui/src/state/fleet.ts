/**
 * The fleet as the page sees it. Rows change each second, so they are read when something is
 * painted; `tick` says that there is something new.
 */
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type { FleetMembers, FleetRecent } from '@innkeeper/protocol';
import { decodeFleetFrame } from '@innkeeper/protocol/fleet-frame';
import type { Api } from './api.ts';
import { acknowledged, type Connection } from './connection.ts';
import { makeFleetEntries, type FleetVm } from './fleet-entries.ts';
import { sumRows, type Totals } from './fleet-totals.ts';
import { makeFleetTrails } from './fleet-trails.ts';
import type { Ticker } from './ticker.ts';
import type { Trail } from './trail.ts';

export interface Fleet {
  /** Counts up with each frame and each change of members. */
  readonly tick: ReadonlySignal<number>;
  /** Counts up with each new point of the trails, or when older ones were filled in. */
  readonly trailTick: ReadonlySignal<number>;
  /** Counts up when VMs come, go or change; 0: nothing has been heard yet. */
  readonly membership: ReadonlySignal<number>;
  /** Why there is nothing to see; undefined while all is well. */
  readonly problem: ReadonlySignal<string | undefined>;
  /** When the newest frame came, by this machine's clock. */
  readonly receivedAt: ReadonlySignal<number | undefined>;
  all(): readonly FleetVm[];
  get(id: string): FleetVm | undefined;
  totals(): Totals;
  /** Of the sums; that of the network begins when the page is opened. */
  readonly trails: { readonly cpu: Trail; readonly memory: Trail; readonly network: Trail };
  /** Follows the fleet until the answer is called; several may follow. */
  follow(): () => void;
}

export interface FleetDependencies {
  readonly api: Pick<Api, 'get'>;
  readonly connection: Connection;
  readonly ticker: Pick<Ticker, 'beat'>;
  readonly now: () => number;
}

/** Five minutes, as the manager keeps them. */
const TRAIL_POINTS = 150;

/** Two seconds, and frames come early or late. */
const UNWATCHED_MS = 1_500;

/** A loop: `Uint8Array.from` walks an iterator, which takes twenty times as long. */
const bytesOf = (base64: string): Uint8Array => {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
};

export const makeFleet = ({ api, connection, ticker, now }: FleetDependencies): Fleet => {
  const { socket } = connection;
  const entries = makeFleetEntries(TRAIL_POINTS);
  let isWatched = false;
  const tick = signal(0, {
    watched: () => {
      isWatched = true;
    },
    unwatched: () => {
      isWatched = false;
    },
  });
  const trailTick = signal(0);
  const membership = signal(0);
  const problem = signal<string | undefined>(undefined);
  const receivedAt = signal<number | undefined>(undefined);
  const totals = (): Totals => sumRows(entries.all().map(({ row }) => row));
  const trails = makeFleetTrails({ entries, totals, points: TRAIL_POINTS });
  let followers = 0;
  let frameAt: number | undefined;
  /** Of the trails, not yet shown. */
  let points = 0;
  let endSubscription: () => void = () => undefined;
  let abort = new AbortController();

  const showTrails = (): void => {
    trailTick.value += 1;
  };
  const show = (): void => {
    batch(() => {
      problem.value = undefined;
      receivedAt.value = frameAt;
      trailTick.value += points;
      points = 0;
      tick.value += 1;
    });
  };

  /** What was before, and while there was no connection. Without an answer the charts begin empty. */
  const askRecent = async (): Promise<void> => {
    abort.abort();
    abort = new AbortController();
    const { signal: aborted } = abort;
    const result = await api.get<FleetRecent>('/v1/fleet/recent', { signal: aborted });
    if (aborted.aborted || !result.ok) return;
    if (trails.applyRecent(result.value)) ticker.beat(showTrails);
  };

  const onMembers = (members: FleetMembers): void => {
    entries.applyMembers(members);
    batch(() => {
      membership.value += 1;
      tick.value += 1;
    });
  };

  const onFrame = (base64: string): void => {
    // Elsewhere nobody looks at the rows: as many are read as the trails have points.
    if (!isWatched && frameAt !== undefined && now() - frameAt < UNWATCHED_MS) return;
    const decoded = decodeFleetFrame(bytesOf(base64));
    if (!decoded.ok) {
      problem.value = `The manager sent what this page cannot read (${decoded.problem}): reload it.`;
      return;
    }
    entries.applyRows(decoded.frame);
    frameAt = now();
    const added = trails.applyFrame(decoded.frame.at);
    if (added === 'clock_set_back') void askRecent();
    if (added !== 'nothing_new') points += 1;
    // Where nobody looks at the fleet, the page has a beat of its own.
    if (isWatched) ticker.beat(show);
    else show();
  };

  const subscribe = async (): Promise<void> => {
    trails.awaitFrame();
    void askRecent();
    const answer = await acknowledged((acknowledge) => socket.emit('fleet:subscribe', acknowledge));
    if (!answer.ok) problem.value = answer.error?.message ?? 'The manager refuses the fleet.';
  };
  const begin = (): void => {
    socket.on('fleet:members', onMembers);
    socket.on('fleet', onFrame);
    endSubscription = connection.onConnect(() => void subscribe());
  };
  const end = (): void => {
    endSubscription();
    abort.abort();
    socket.off('fleet:members', onMembers);
    socket.off('fleet', onFrame);
    if (socket.connected) socket.emit('fleet:unsubscribe', () => undefined);
  };

  return {
    tick,
    trailTick,
    membership,
    problem,
    receivedAt,
    totals,
    trails: trails.totals,
    all: () => entries.all(),
    get: (id) => entries.get(id),
    follow: () => {
      followers += 1;
      if (followers === 1) begin();
      let following = true;
      return () => {
        if (!following) return;
        following = false;
        followers -= 1;
        if (followers === 0) end();
      };
    },
  };
};
