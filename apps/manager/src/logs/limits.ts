/** What the logs of all VMs may cost the manager. Whatever is dropped for a limit is counted. */

/** What a stream begins with where it is not taken up after a line. */
export const TAIL_LINES = 1_000;

export interface LogLimits {
  /** Of one line of the agent's stream: a message of 1 MB in which every byte is escaped. */
  readonly maxEventBytes: number;
  /** Entries that are kept of each stream for whoever comes next. */
  readonly ringEntries: number;
  readonly ringBytes: number;
  /** Of one stream while a listener is behind. */
  readonly backlogEntries: number;
  readonly backlogBytes: number;
  /** Of all streams together; beyond it the largest lose their oldest entries. */
  readonly totalBytes: number;
  /** Entries of one stream that are kept ready, so that many viewers share one parsing. */
  readonly hotEntries: number;
  /** For how long at least. */
  readonly hotMs: number;
  /** Streams to agents at once; each holds a connection. */
  readonly maxStreams: number;
  /** To one agent, which serves 16; the last one is for what the machine has by itself. */
  readonly maxStreamsPerVm: number;
  /** After the last listener has left. */
  readonly lingerMs: number;
  /** How late an agent may see a line that only patient listeners wait for: looking costs it CPU. */
  readonly patientPaceMs: number;
  /** After the last impatient listener has left: the next one may be a page that is loaded again. */
  readonly patientAfterMs: number;
  /** To connect and get the head of the answer. */
  readonly openMs: number;
  /** Two heartbeats of the agent, and then some. */
  readonly silenceMs: number;
  /** The same where the agent does not answer pulls either. */
  readonly doubtMs: number;
  /** Of one stream in a second; a guest that writes more is read no faster. */
  readonly bytesPerSecond: number;
  /** Of a core, for making events of what one stream brings: 20,000 lines of a journal take 13 %. */
  readonly timeShare: number;
  /** Of what agents have kept, at once; an agent serves 16 streams, and the hub is to find room. */
  readonly maxReadingsPerVm: number;
  readonly maxReadings: number;
  /** Of one agent, of those that last as long as their reader likes: a page finds room beside them. */
  readonly maxLongReadingsPerVm: number;
  /** The first wait after a connection was lost; each further one is twice as long. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** However many come to look, an agent that does not answer is not asked more often. */
  readonly minRetryMs: number;
  /** After the agent has said no. */
  readonly refusedRetryMs: number;
  readonly maxRefusedRetryMs: number;
}

export const LOG_LIMITS: LogLimits = {
  maxEventBytes: 8 * 1024 * 1024,
  ringEntries: 1_000,
  ringBytes: 4 * 1024 * 1024,
  backlogEntries: 20_000,
  backlogBytes: 8 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  hotEntries: 4_000,
  hotMs: 1_000,
  maxStreams: 10_000,
  maxStreamsPerVm: 8,
  lingerMs: 5_000,
  // Half a second would be as cheap, and the last words of a guest that breaks off are worth more.
  patientPaceMs: 250,
  patientAfterMs: 30_000,
  openMs: 10_000,
  silenceMs: 40_000,
  doubtMs: 5_000,
  bytesPerSecond: 24 * 1024 * 1024,
  timeShare: 0.25,
  maxReadingsPerVm: 6,
  maxReadings: 100,
  maxLongReadingsPerVm: 4,
  retryMs: 250,
  maxRetryMs: 15_000,
  minRetryMs: 500,
  refusedRetryMs: 15_000,
  maxRefusedRetryMs: 120_000,
};
