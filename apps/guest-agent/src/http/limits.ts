/** What one peer may ask of the agent. Each limit is far above what any honest client needs. */

export interface HttpLimits {
  readonly headBytes: number;
  readonly headerCount: number;
  /** Read before anybody knows who asks, on every connection at once: 8 MiB of all of them. */
  readonly bodyBytes: number;
  /** From the first byte of a request to its last. */
  readonly requestMs: number;
  /** Between two requests on one connection. Above the 60 s for which the manager keeps its own. */
  readonly idleMs: number;
  /** For a route to answer; collectors have shorter deadlines of their own. */
  readonly handlerMs: number;
  /** For a peer to take the answer. */
  readonly writeMs: number;
  /** One more makes the one go whose peer has been awaited for longest. */
  readonly connections: number;
  readonly requestsInFlight: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  headBytes: 16 * 1024,
  headerCount: 100,
  bodyBytes: 64 * 1024,
  requestMs: 10_000,
  idleMs: 75_000,
  handlerMs: 15_000,
  writeMs: 10_000,
  connections: 128,
  requestsInFlight: 32,
};

/** The locators of several hundred VMs; a hypervisor can spare 32 MiB for 128 of these. */
export const HOST_LIMITS: HttpLimits = { ...DEFAULT_LIMITS, bodyBytes: 256 * 1024 };
