/** How many commands, how much output, how many guests. */

export interface Plan {
  /** One after the other, to see when the first byte comes. */
  readonly starts: number;
  /** The same over ssh, which takes ten times as long. */
  readonly sshStarts: number;
  /** Of one command. */
  readonly outputBytes: number;
  /** Of one run. */
  readonly targets: number;
  /** Of them at one time. */
  readonly concurrency: number;
  /** Of them over ssh, which is counted per target: each takes a tenth of a second and more. */
  readonly sshTargets: number;
}

export const makePlan = (quick: boolean): Plan =>
  quick
    ? {
        starts: 20,
        sshStarts: 10,
        outputBytes: 10_000_000,
        targets: 50,
        concurrency: 50,
        sshTargets: 20,
      }
    : {
        starts: 200,
        sshStarts: 60,
        outputBytes: 100_000_000,
        targets: 500,
        concurrency: 500,
        sshTargets: 100,
      };
