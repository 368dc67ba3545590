/** What the recorder counts of itself. */

/** They only grow. */
export interface RecorderCounts {
  /** Lines that came from agents. */
  seen: number;
  /** Lines that were taken to be written. */
  readonly taken: { level: number; last_words: number };
  readonly dropped: {
    /** Its VM had more than its share. */
    rate: number;
    /** The newest partition alone takes most of the room. */
    room: number;
    /** They went before the recorder could read them. */
    slow: number;
    /** By the guest, as far as it could tell. */
    lost: number;
  };
  /** Places where lines may be missing, also where nobody can tell how many. */
  gaps: number;
  /** Agents that were lost, and whose last lines were kept. */
  losses: number;
}

export const makeRecorderCounts = (): RecorderCounts => ({
  seen: 0,
  taken: { level: 0, last_words: 0 },
  dropped: { rate: 0, room: 0, slow: 0, lost: 0 },
  gaps: 0,
  losses: 0,
});
