/** How long what is measured. */

export interface Plan {
  readonly warmUpCalls: number;
  readonly pacedCalls: number;
  /** The manager's interval. */
  readonly everyMs: number;
  readonly hotCalls: number;
  readonly idleMs: number;
}

export const makePlan = (quick: boolean): Plan =>
  quick
    ? { warmUpCalls: 5, pacedCalls: 5, everyMs: 1_000, hotCalls: 50, idleMs: 2_000 }
    : { warmUpCalls: 20, pacedCalls: 20, everyMs: 1_000, hotCalls: 1_000, idleMs: 10_000 };
