/** What the push server lets its clients cost. */

export interface PushLimits {
  /** Open connections, signed in or not. */
  readonly maxConnections: number;
  /** Of those, by strangers who have not signed in yet: they have `connectTimeoutMs` to do so. */
  readonly maxWaiting: number;
  /** Of one address, or one IPv6 /64. A browser has signed in a round trip later. */
  readonly maxWaitingPerNetwork: number;
  /** Before signing in, which takes one; every other one is answered, read or not. */
  readonly maxWaitingMessages: number;
  /** Of one token or session: many browser tabs, and still not all that there are. */
  readonly maxConnectionsPerActor: number;
  readonly maxVmSubscriptions: number;
  /** Streams of logs of one connection. */
  readonly maxLogSubscriptions: number;
  /** Of all connections together. */
  readonly maxAllLogSubscriptions: number;
  /** Between two batches of one subscription. */
  readonly logIntervalMs: number;
  readonly logBatchLines: number;
  /** About; one line is always sent, however long. */
  readonly logBatchBytes: number;
  /** Of logs under way to one connection: with more, it has to acknowledge first. */
  readonly logWindowBytes: number;
  /** Runs that one connection watches; each knows its executions. */
  readonly maxRunSubscriptions: number;
  readonly maxAllRunSubscriptions: number;
  /** Between two batches of one run. */
  readonly runIntervalMs: number;
  readonly runBatchEvents: number;
  /** About; one event is always sent, however long. */
  readonly runBatchBytes: number;
  /** A client that is further behind is given the end, and told what that leaves out. */
  readonly runBehindEvents: number;
  readonly runBehindBytes: number;
  /** VMs whose provisioning one connection watches. */
  readonly maxProvisionSubscriptions: number;
  /** Between two states of one VM. */
  readonly provisionIntervalMs: number;
  /** Different label scopes that watch the fleet at once; each costs its own frames. */
  readonly maxScopes: number;
  /** Of one client's message, or of one poll's; 200 subscriptions in one poll have 18 KB. */
  readonly maxMessageBytes: number;
  /** Waiting for one client; the members of 50,000 VMs have 12 MB. */
  readonly maxBufferedBytes: number;
  /** Waiting for all clients together; beyond it, whoever holds most is closed. */
  readonly maxTotalBufferedBytes: number;
  /** A client that has taken nothing for so long, although something waits, is closed. */
  readonly stallTimeoutMs: number;
  readonly acknowledgeTimeoutMs: number;
  readonly frameIntervalMs: number;
  /** How often connections are looked at. */
  readonly checkIntervalMs: number;
  /** How often those whose end was not announced are asked for. */
  readonly recheckIntervalMs: number;
  /** Events of one client: a page that opens subscribes to each of its VMs. */
  readonly eventBurst: number;
  readonly eventsPerSecond: number;
  /** Subscriptions to the fleet of one client at once; then it may have one a second. */
  readonly fleetBurst: number;
  /** Events refused for their rate, after which the client is closed. */
  readonly maxRefusedEvents: number;
  /** From the first byte to a sign-in. */
  readonly connectTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
}

export const PUSH_LIMITS: PushLimits = {
  maxConnections: 2_000,
  maxWaiting: 1_000,
  maxWaitingPerNetwork: 100,
  maxWaitingMessages: 5,
  maxConnectionsPerActor: 100,
  maxVmSubscriptions: 200,
  maxLogSubscriptions: 50,
  maxAllLogSubscriptions: 5_000,
  logIntervalMs: 100,
  logBatchLines: 4_000,
  logBatchBytes: 2 * 1024 * 1024,
  logWindowBytes: 8 * 1024 * 1024,
  maxRunSubscriptions: 10,
  maxAllRunSubscriptions: 1_000,
  maxProvisionSubscriptions: 20,
  provisionIntervalMs: 250,
  runIntervalMs: 100,
  runBatchEvents: 1_000,
  runBatchBytes: 512 * 1024,
  runBehindEvents: 5_000,
  runBehindBytes: 4 * 1024 * 1024,
  maxScopes: 200,
  maxMessageBytes: 32 * 1024,
  maxBufferedBytes: 32 * 1024 * 1024,
  maxTotalBufferedBytes: 256 * 1024 * 1024,
  stallTimeoutMs: 30_000,
  acknowledgeTimeoutMs: 30_000,
  frameIntervalMs: 1_000,
  checkIntervalMs: 1_000,
  recheckIntervalMs: 30_000,
  eventBurst: 400,
  eventsPerSecond: 50,
  fleetBurst: 20,
  maxRefusedEvents: 1_000,
  connectTimeoutMs: 10_000,
  pingIntervalMs: 15_000,
  pingTimeoutMs: 15_000,
};
