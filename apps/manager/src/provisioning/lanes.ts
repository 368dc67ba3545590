/**
 * Work for one VM at a time, so many VMs at once. Who pokes a VM during its work has it looked at
 * again after; work that fails, or cannot be done yet, is tried again later.
 */
export interface Lanes {
  poke(vmId: string): void;
  /** Settles when no work is under way; none begins after. */
  stop(): Promise<void>;
}

export interface LaneOptions {
  /** False: not yet, but later. */
  readonly work: (vmId: string) => Promise<boolean>;
  readonly onError: (vmId: string, error: unknown, failures: number) => void;
  readonly atOnce: number;
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

const MAX_DOUBLINGS = 16;

export const makeLanes = ({ work, onError, atOnce, retryMs, maxRetryMs }: LaneOptions): Lanes => {
  const waiting = new Set<string>();
  const working = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();
  const timers = new Map<string, NodeJS.Timeout>();
  let isStopped = false;

  const again = (vmId: string): void => {
    const count = (failures.get(vmId) ?? 0) + 1;
    failures.set(vmId, count);
    if (isStopped || timers.has(vmId)) return;
    const ms = Math.min(retryMs * 2 ** Math.min(count - 1, MAX_DOUBLINGS), maxRetryMs);
    timers.set(
      vmId,
      setTimeout(() => {
        timers.delete(vmId);
        poke(vmId);
      }, ms),
    );
  };

  const run = async (vmId: string): Promise<void> => {
    try {
      if (await work(vmId)) failures.delete(vmId);
      else again(vmId);
    } catch (error) {
      onError(vmId, error, failures.get(vmId) ?? 0);
      again(vmId);
    }
    working.delete(vmId);
    pump();
  };

  function pump(): void {
    for (const vmId of waiting) {
      if (isStopped || working.size >= atOnce) return;
      if (working.has(vmId)) continue;
      waiting.delete(vmId);
      working.set(vmId, run(vmId));
    }
  }

  function poke(vmId: string): void {
    if (isStopped) return;
    waiting.add(vmId);
    pump();
  }

  return {
    poke,
    stop: async () => {
      isStopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.all(working.values());
    },
  };
};
