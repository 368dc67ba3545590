/**
 * The hub: one live stream for each VM and source that anybody wants, however many want it. This
 * file says what it offers; whoever joins sees the lines that are held and then each new one, in
 * one numbering without holes.
 */
import type { LogEntry, LogSource } from '@innkeeper/protocol';
import type { PullFailure } from '../../pull/pull-result.ts';
import type { VmRecord } from '../../vms/vm-record.ts';

export interface HubState {
  readonly state: 'connecting' | 'live' | 'reconnecting' | 'refused';
  /** Unix time of the change. */
  readonly since: number;
  readonly retryAt: number | undefined;
  readonly failure: PullFailure | undefined;
}

/** A run of entries as the ring holds them, and what of those asked for it no longer has. */
export interface HubRead {
  readonly entries: readonly LogEntry[];
  /** So many were numbered after the position asked for and are gone, before the first of these. */
  readonly dropped: number;
  /** The position after the last of `entries`. */
  readonly through: number;
  /** About what each of the entries has as JSON. */
  readonly sizes: readonly number[];
}

export interface HubStream {
  /** Of this numbering; another one when the stream began anew. */
  readonly epoch: string;
  state(): HubState;
  /** The number of the newest entry; 0 before the first. */
  newest(): number;
  /** The number of the oldest entry that is still held. */
  oldest(): number;
  /** About what all that is held takes. */
  bytes(): number;
  /**
   * At most `max` entries after `seq`; of about `maxBytes` as JSON at most, but always one. While the
   * last that a listener has read is behind the newest, more than the usual entries are held for it.
   */
  read(seq: number, max: number, maxBytes?: number): HubRead;
  /**
   * The number of the line with this cursor, if it is still held; 0 where the stream was opened
   * behind it, and all that came since has a number.
   */
  find(cursor: string): number | undefined;
}

export interface HubListener {
  /** Does not mind to get a line a part of a second later. */
  readonly isPatient?: boolean;
  /** There are new entries; said once per chunk from the agent, not per line. */
  arrived(): void;
  changed(state: HubState): void;
}

export interface HubMembership {
  readonly stream: HubStream;
  leave(): void;
}

export interface LogHub {
  /**
   * `resumeAfter` is the agent's cursor of the last line that the listener has: where the stream
   * has to be opened for it, it is opened there. One that a client has brought is to be asked about
   * first (`mayOpenAt`): others will share the stream. Where the first line that comes is older than
   * `notBefore`, the stream is opened again with the last lines, and says that some may be missing.
   */
  join(
    vm: VmRecord,
    source: LogSource | undefined,
    listener: HubListener,
    resumeAfter?: string,
    notBefore?: number,
  ): HubMembership;
  /** What is held of a stream that somebody listens to; undefined: nobody does. */
  held(vmId: string, source: LogSource | undefined): readonly LogEntry[] | undefined;
  /** False: there are too many streams, or too many of this VM, to open another. */
  hasRoom(vmId: string, source: LogSource | undefined): boolean;
  /** Whoever looks now does not wait for the next attempt. */
  retryNow(vmId: string): void;
  stop(): Promise<void>;
}
