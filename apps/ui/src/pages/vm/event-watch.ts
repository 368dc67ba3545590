/**
 * When the events of a VM are asked again: at each change, and once more when the manager has surely
 * written them down, which it does every few seconds; and after the history could not be read.
 */

export interface EventWatch {
  onChange(): void;
  /** Whether what was stored could be read. */
  onHistory(isBroken: boolean): void;
  stop(): void;
}

/** The manager writes each five seconds. */
export const WRITTEN_AFTER_MS = 6_000;

export const makeEventWatch = (refresh: () => Promise<void>): EventWatch => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasBroken = false;
  const onChange = (): void => {
    void refresh();
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), WRITTEN_AFTER_MS);
  };
  return {
    onChange,
    onHistory: (isBroken) => {
      if (wasBroken && !isBroken) onChange();
      wasBroken = isBroken;
    },
    stop: () => clearTimeout(timer),
  };
};
