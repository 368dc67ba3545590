/** How many executions there may be at once, of all runs together. */

export interface Slots {
  /** False: there is none now; `onFree` tells when there may be one. */
  take(): boolean;
  give(): void;
  taken(): number;
  /** Calls back when one has become free, whoever has waited longest first. */
  onFree(listener: () => void): () => void;
}

export const makeSlots = (max: number): Slots => {
  const listeners = new Set<() => void>();
  let taken = 0;
  return {
    take: () => {
      if (taken >= max) return false;
      taken += 1;
      return true;
    },
    give: () => {
      taken -= 1;
      const inOrder = [...listeners];
      for (const listener of inOrder) {
        if (taken >= max) return;
        // Behind the others, also where it takes what there is.
        listeners.delete(listener);
        listeners.add(listener);
        listener();
      }
    },
    taken: () => taken,
    onFree: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
