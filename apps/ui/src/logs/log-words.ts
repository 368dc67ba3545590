/** What happened to a stream, as sentences. */
import type { LogMark, LogState } from '@innkeeper/protocol';
import { formatCount } from '../format/count.ts';
import { FAILURE_WORDS } from '../ui/state-words.ts';
import type { StreamStatus } from './log-stream.ts';
import type { Note } from './row.ts';

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

const MOST_COUNTED = 999;

/** Where it only matters that they are many, and the width is not to change with each of them. */
export const limitedCountText = (count: number, one: string): string =>
  count > MOST_COUNTED ? `${MOST_COUNTED}+ ${one}s` : countText(count, one);

const lost = (count: number | null): string =>
  count === null
    ? 'nobody can tell how many lines are missing'
    : `${countText(count, 'line')} missing`;

const LOST_WORDS: Readonly<Record<string, string>> = {
  slow: 'they came faster than they could be sent',
  vacuumed: 'the journal has deleted them',
  rotated: 'the file was rotated',
  truncated: 'the file was cut',
  damaged: 'the journal is damaged there',
  overwritten: 'the kernel’s buffer has overwritten them',
};

const markText = ({ mark, count, reason }: LogMark): string => {
  switch (mark) {
    case 'resumed':
      return `Agent reconnected: ${count === 0 ? 'no line lost' : lost(count)}.`;
    case 'lost': {
      const why = reason === undefined ? '' : `: ${LOST_WORDS[reason] ?? reason}`;
      return `${count === null ? 'An unknown number of lines' : countText(count, 'line')} lost in the guest${why}.`;
    }
    case 'rebooted':
      return 'The guest has started again.';
    default:
      return mark satisfies never;
  }
};

export const noteText = (note: Note): string => {
  switch (note.kind) {
    case 'mark':
      return markText(note.mark);
    case 'dropped':
      return note.count === null
        ? 'Lines are missing here, nobody can tell how many: this page was away for too long.'
        : `${countText(note.count, 'line')} dropped: they came faster than this page could take them.`;
    case 'anew':
      return 'The manager began anew: lines may be missing here.';
    default:
      return note satisfies never;
  }
};

/** Of lines that the agent did not give; `reason` is why. */
export const keptText = (reason: string, isPast: boolean): string =>
  `${isPast ? 'These' : 'The earlier'} lines were kept by the manager, which need not be all: ${reason}`;

const ADVICE = {
  unreachable: 'Is the agent running in the VM, and does its firewall let the manager in?',
  timeout: 'The VM may be overloaded.',
  http: 'The agent may be too old for logs, or has no such source.',
  too_large: undefined,
  malformed: 'Something else than an agent may be listening there.',
  unauthorized: 'The agent belongs to another manager, or its clock is far off.',
  wrong_identity: 'Has the VM got another address?',
  no_guest_ip: 'Tell the address at which its agent answers.',
  wrong_key: 'Has the VM got another address? If it was installed anew, enrol it again.',
  no_tls: 'Is the agent running in the VM, and is it the one that was enrolled?',
} as const satisfies Record<keyof typeof FAILURE_WORDS, string | undefined>;

export interface StatusWords {
  /** Of the dot. */
  readonly state: 'live' | 'connecting' | 'lost' | 'ended';
  readonly short: string;
  /** What is wrong; undefined while all is well. */
  readonly long: string | undefined;
  /** When it is tried again: other words each second. */
  readonly retry?: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
}

const retryText = (retryAt: number | null, now: number): string => {
  if (retryAt === null) return '';
  const seconds = Math.ceil((retryAt - now) / 1000);
  return seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again.';
};

const failureText = (failure: LogState['failure']): string => {
  if (failure === null) return 'the stream broke off';
  const said = failure.message === '' ? '' : ` (${failure.message})`;
  return `${FAILURE_WORDS[failure.kind]}${said}`;
};

const CONNECTING: StatusWords = { state: 'connecting', short: 'Connecting', long: undefined };

/** @param now by the manager's clock, as `retry_at` is */
export const statusWords = (status: StreamStatus, now: number): StatusWords => {
  if (status.kind === 'waiting') return CONNECTING;
  if (status.kind === 'gone') {
    const long = 'This VM is no longer registered, or no longer yours to see.';
    return { state: 'ended', short: 'Gone', long };
  }
  if (status.kind === 'refused') return { state: 'ended', short: 'Refused', long: status.message };
  const { state, failure, retry_at: retryAt } = status.state;
  const advice = failure === null ? undefined : ADVICE[failure.kind];
  switch (state) {
    case 'live':
      return { state: 'live', short: 'Live', long: undefined };
    case 'connecting':
      return CONNECTING;
    case 'reconnecting':
      return {
        state: 'lost',
        short: 'Reconnecting',
        long: `No new lines: ${failureText(failure)}. What you see is what was there.`,
        retry: retryText(retryAt, now),
        advice,
      };
    case 'refused':
      return {
        state: 'ended',
        short: 'Refused',
        long: `The agent refuses: ${failureText(failure)}.`,
        advice,
      };
    default:
      return state satisfies never;
  }
};
