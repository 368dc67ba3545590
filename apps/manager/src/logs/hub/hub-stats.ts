/** What the hub counts of itself. */

/** They only grow. */
export interface HubCounters {
  lines: number;
  /** Entries that went while somebody still wanted them, or for the limit of all streams together. */
  dropped: number;
  /** Lines that agents or their machines have lost, as far as they could tell. */
  lostByAgents: number;
  /** Came again after a stream was taken up, and were recognised. */
  repeated: number;
  /** Events of agents that were none. */
  bad: number;
  reconnects: number;
}

export interface HubStats extends Readonly<HubCounters> {
  readonly streams: number;
  readonly liveStreams: number;
  readonly listeners: number;
  readonly bytes: number;
}

export const makeHubCounters = (): HubCounters => ({
  lines: 0,
  dropped: 0,
  lostByAgents: 0,
  repeated: 0,
  bad: 0,
  reconnects: 0,
});
