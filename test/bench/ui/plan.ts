/** How long what is watched. */

export interface Plan {
  readonly vms: number;
  readonly hosts: number;
  /** From a page that shows what it has to until it is measured. */
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly longTaskMs: number;
  /** After the phase of the long tasks: until the engine has compiled what it is going to. */
  readonly heapSettleMs: number;
  /** Between two readings of the heap. */
  readonly heapStepMs: number;
  readonly heapSteps: number;
  readonly scrollPx: number;
  readonly scrollPxPerSecond: number;
  readonly crosshairMs: number;
  /** Of each page in each run. */
  readonly loads: number;
  /** What live charts and sparklines show: the manager is that old before a page of it is opened. */
  readonly pastMs: number;
}

export const MOVES_PER_SECOND = 60;
export const CPU_SLOWDOWN = 4;
export const MBIT_PER_SECOND = 20;
export const LATENCY_MS = 20;

export const makePlan = (quick: boolean): Plan =>
  quick
    ? {
        vms: 1_000,
        hosts: 25,
        warmUpMs: 1_000,
        windowMs: 4_000,
        longTaskMs: 5_000,
        heapSettleMs: 1_000,
        heapStepMs: 1_000,
        heapSteps: 2,
        scrollPx: 6_000,
        scrollPxPerSecond: 4_000,
        crosshairMs: 2_000,
        loads: 1,
        pastMs: 0,
      }
    : {
        vms: 1_000,
        hosts: 25,
        warmUpMs: 3_000,
        windowMs: 10_000,
        longTaskMs: 60_000,
        heapSettleMs: 60_000,
        heapStepMs: 30_000,
        heapSteps: 4,
        scrollPx: 20_000,
        scrollPxPerSecond: 4_000,
        crosshairMs: 5_000,
        loads: 3,
        pastMs: 300_000,
      };
