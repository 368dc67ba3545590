/**
 * Which moment cores and processes are shown of: that of the crosshair, the end of what is in sight
 * where that is over, or now. Some minutes are kept here; of what was before, the manager has
 * stored the processes.
 */
import { computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { Reading } from '@innkeeper/protocol';
import type { App } from '../../app-context.ts';
import type { ChartGroup } from '../../charts/chart-spec.ts';
import { makeThrottle } from '../../charts/throttle.ts';
import type { PastProcesses } from '../../state/past-processes.ts';
import type { Moment, VmLive } from '../../state/vm-live.ts';
import { parseRange } from '../../state/vm-range.ts';
import type { VmView } from '../../state/vm-view.ts';

export interface VmMoments {
  /** What is kept here of that moment; else what is now. */
  readonly moment: ReadonlySignal<Moment | undefined>;
  /** A range that is over, or a pause: now is not what the charts show. */
  readonly isHeld: ReadonlySignal<boolean>;
  /** Whose list of processes is shown: while the agent is silent, that of its last answer. */
  readonly processes: ReadonlySignal<Moment | undefined>;
  /** That is not the newest moment. */
  readonly areProcessesOver: ReadonlySignal<boolean>;
  backToNow(): void;
  follow(): () => void;
}

export interface VmMomentsDependencies {
  readonly navigation: App['navigation'];
  readonly live: Pick<VmLive, 'moments' | 'tick' | 'managerNow' | 'reading'>;
  readonly view: Pick<VmView, 'isPaused' | 'setPaused' | 'span' | 'tick'>;
  readonly group: Pick<ChartGroup, 'crosshair' | 'backToLive'>;
  readonly past: PastProcesses;
}

/** Tables are not laid out anew for each pixel that the crosshair moves. */
const MOMENT_MS = 200;
const NEAR_MS = 2_500;

/** Undefined: it is from before this page was opened, or nothing came then. */
export const findMoment = (moments: readonly Moment[], at: number): Moment | undefined => {
  const found = moments.findLast((moment) => moment.at <= at + NEAR_MS / 2);
  return found !== undefined && at - found.at <= NEAR_MS ? found : undefined;
};

/** The newest that has a list of processes. */
export const lastListed = (moments: readonly Moment[]): Moment | undefined =>
  moments.findLast(({ top }) => top !== null);

/** When the agent answered for the last time; undefined while it answers, or never did. */
export const silentSince = (
  reading: Pick<Reading, 'origin' | 'agent_seen_at'> | undefined,
): number | undefined =>
  reading === undefined || reading.origin === 'guest'
    ? undefined
    : (reading.agent_seen_at ?? undefined);

export const makeVmMoments = (dependencies: VmMomentsDependencies): VmMoments => {
  const { navigation, live, view, group, past } = dependencies;
  const moment = signal<Moment | undefined>(undefined);
  const processes = signal<Moment | undefined>(undefined);
  const areProcessesOver = signal(false);
  const isFixed = computed(() => parseRange(navigation.place.value.query).kind === 'fixed');
  const isHeld = computed(() => isFixed.value || view.isPaused.value);

  const show = (): void => {
    const pointed = group.crosshair.peek()?.at ?? (isHeld.peek() ? view.span().to : undefined);
    const silent = pointed === undefined ? silentSince(live.reading.peek()) : undefined;
    const at = pointed ?? silent;
    const isOver = at !== undefined && at < live.managerNow() - NEAR_MS;
    const now = live.moments.at(-1);
    const found = pointed === undefined ? undefined : findMoment(live.moments, pointed);
    const listed = silent === undefined ? found : lastListed(live.moments);
    moment.value = found ?? now;
    processes.value = listed ?? now;
    areProcessesOver.value = listed !== undefined && listed !== now;
    past.show(listed === undefined && isOver ? at : undefined);
  };

  return {
    moment,
    processes,
    areProcessesOver,
    isHeld,
    backToNow: () => {
      if (view.isPaused.peek()) view.setPaused(false);
      if (isFixed.peek()) group.backToLive();
    },
    follow: () => {
      const soon = makeThrottle(() => untracked(show), MOMENT_MS);
      // With the charts, in the frame of the reading.
      const endReadings = effect(() => {
        void live.tick.value;
        void view.tick.value;
        soon.runNow();
      });
      const endCrosshair = effect(() => {
        void group.crosshair.value;
        void isHeld.value;
        soon.run();
      });
      return () => {
        endReadings();
        endCrosshair();
        soon.stop();
        past.stop();
      };
    },
  };
};
