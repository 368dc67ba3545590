/**
 * Which moment cores and processes are shown of: that of the crosshair, the end of what is in sight
 * where that is over, or now. Some minutes are kept here; of what was before, the manager has
 * stored the processes.
 */
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { App } from '../../app-context.ts';
import type { ChartGroup } from '../../charts/chart-spec.ts';
import type { PastProcesses } from '../../state/past-processes.ts';
import type { Moment, VmLive } from '../../state/vm-live.ts';
import { parseRange } from '../../state/vm-range.ts';
import type { VmView } from '../../state/vm-view.ts';

export interface VmMoments {
  /** What is kept here of that moment; else what is now. */
  readonly moment: ReadonlySignal<Moment | undefined>;
  /** A range that is over, or a pause: now is not what the charts show. */
  readonly isHeld: ReadonlySignal<boolean>;
  backToNow(): void;
  follow(): () => void;
}

export interface VmMomentsDependencies {
  readonly navigation: App['navigation'];
  readonly live: Pick<VmLive, 'moments' | 'tick' | 'managerNow'>;
  readonly view: Pick<VmView, 'isPaused' | 'setPaused' | 'span' | 'tick'>;
  readonly group: Pick<ChartGroup, 'crosshair' | 'backToLive'>;
  readonly past: PastProcesses;
}

/** Tables are not laid out anew for each pixel that the crosshair moves. */
const MOMENT_MS = 120;
const NEAR_MS = 2_500;

/** Undefined: it is from before this page was opened, or nothing came then. */
export const findMoment = (moments: readonly Moment[], at: number): Moment | undefined => {
  const found = moments.findLast((moment) => moment.at <= at + NEAR_MS / 2);
  return found !== undefined && at - found.at <= NEAR_MS ? found : undefined;
};

export const makeVmMoments = (dependencies: VmMomentsDependencies): VmMoments => {
  const { navigation, live, view, group, past } = dependencies;
  const moment = signal<Moment | undefined>(undefined);
  const isFixed = computed(() => parseRange(navigation.place.value.query).kind === 'fixed');
  const isHeld = computed(() => isFixed.value || view.isPaused.value);

  const show = (): void => {
    const at = group.crosshair.peek()?.at ?? (isHeld.peek() ? view.span().to : undefined);
    const found = at === undefined ? undefined : findMoment(live.moments, at);
    const isOver = at !== undefined && at < live.managerNow() - NEAR_MS;
    moment.value = found ?? live.moments.at(-1);
    past.show(found === undefined && isOver ? at : undefined);
  };

  return {
    moment,
    isHeld,
    backToNow: () => {
      if (view.isPaused.peek()) view.setPaused(false);
      if (isFixed.peek()) group.backToLive();
    },
    follow: () => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = effect(() => {
        void live.tick.value;
        void view.tick.value;
        void group.crosshair.value;
        void isHeld.value;
        timer ??= setTimeout(() => {
          timer = undefined;
          show();
        }, MOMENT_MS);
      });
      return () => {
        end();
        clearTimeout(timer);
        past.stop();
      };
    },
  };
};
