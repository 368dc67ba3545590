/** How long what takes of an update. */

export interface UpdateLimits {
  /** Between two looks at an agent that is being updated. */
  readonly lookMs: number;
  /** To connect and get an answer. */
  readonly askMs: number;
  /** An agent that does not answer before anything was begun. */
  readonly unreachableMs: number;
  /** An agent that runs commands, or another update, is asked again for so long. */
  readonly busyMs: number;
  /** From the order on: then nobody waits any longer, whatever has become of it. */
  readonly stepMs: number;
  /** How long a new version waits for its confirmation, before it puts the old one back. */
  readonly trialSeconds: number;
  readonly maxActive: number;
  /** Kept of those that are over. */
  readonly maxKept: number;
  readonly writeRetryMs: number;
}

export const UPDATE_LIMITS: UpdateLimits = {
  lookMs: 500,
  askMs: 10_000,
  unreachableMs: 30_000,
  busyMs: 15 * 60_000,
  stepMs: 45 * 60_000,
  trialSeconds: 600,
  maxActive: 20,
  maxKept: 500,
  writeRetryMs: 1_000,
};
