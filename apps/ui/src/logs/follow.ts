/** Whether the view moves with the newest line, and what keeps it from that. */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';

export interface Follow {
  /** By its button or key. */
  readonly isPaused: Signal<boolean>;
  /** Somebody has scrolled up. */
  readonly isAway: Signal<boolean>;
  /** The pointer rests over the lines. */
  readonly isHeld: Signal<boolean>;
  /** Text is selected, which a line that moves on would lose. */
  readonly isSelecting: Signal<boolean>;
  readonly isFollowing: ReadonlySignal<boolean>;
  /** Whatever it was that held it. */
  goLive(): void;
}

export const makeFollow = (): Follow => {
  const isPaused = signal(false);
  const isAway = signal(false);
  const isHeld = signal(false);
  const isSelecting = signal(false);
  return {
    isPaused,
    isAway,
    isHeld,
    isSelecting,
    isFollowing: computed(
      () => !isPaused.value && !isAway.value && !isHeld.value && !isSelecting.value,
    ),
    goLive: () => {
      batch(() => {
        for (const hold of [isPaused, isAway, isHeld, isSelecting]) hold.value = false;
      });
    },
  };
};
