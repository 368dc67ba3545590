/** A wait that can be cut short. */

export interface Nap {
  sleep(ms: number): Promise<void>;
  wake(): void;
}

export const makeNap = (): Nap => {
  let wake: () => void = () => undefined;
  return {
    sleep: async (ms) => {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
    },
    wake: () => wake(),
  };
};
