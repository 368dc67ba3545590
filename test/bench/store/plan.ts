/** How much is written and read. */

export interface Plan {
  readonly vms: number;
  /** Seconds of samples, one of each VM a second, that the writer gets. */
  readonly seconds: number;
  /** Not counted: plans and caches are made in them. */
  readonly warmUpSeconds: number;
  /** What is stored in the tiers before histories are read, in hours back from now. */
  readonly hoursOf10s: number;
  readonly hoursOf1m: number;
  readonly daysOf1h: number;
  readonly histories: number;
}

export const makePlan = (quick: boolean): Plan =>
  quick
    ? {
        vms: 100,
        seconds: 30,
        warmUpSeconds: 20,
        hoursOf10s: 2,
        hoursOf1m: 25,
        daysOf1h: 31,
        histories: 20,
      }
    : {
        vms: 1_000,
        seconds: 150,
        warmUpSeconds: 50,
        hoursOf10s: 2,
        hoursOf1m: 25,
        daysOf1h: 31,
        histories: 200,
      };
