/** One line about what is not as it should be with this VM, why, and what to do about it. */
import type { JSX } from 'preact';
import type { Reading } from '@innkeeper/protocol';
import { useApp } from '../../app-context.ts';
import { formatDuration } from '../../format/duration.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { FAILURE_WORDS } from '../../ui/state-words.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { CloneNotice } from './clone-notice.tsx';
import { useVm } from './vm-stores.ts';
import './vm-notice.css';

/** A machine that has run for less was started just now. */
const JUST_NOW_SECONDS = 120;

interface Notice {
  readonly title: string;
  readonly text: string;
  readonly advice?: string;
  readonly link?: { readonly href: string; readonly text: string };
}

/** Where somebody may enrol it, the page on which that is seen step by step. */
const linkOf = ({ reason }: Reading, id: string, mayEnrol: boolean): Notice['link'] => {
  const vm = encodeURIComponent(id);
  return reason === 'no_guest_ip' && mayEnrol
    ? { href: `/add?vm=${vm}`, text: 'Enrol its agent' }
    : { href: `/vms/${vm}?tab=settings`, text: 'Its address' };
};

const why = ({ reason, message }: Reading): string => {
  if (reason === null) return '';
  const words = FAILURE_WORDS[reason];
  return message === null || reason === 'no_guest_ip' ? words : `${words} (${message})`;
};

const ADVICE = {
  unreachable: 'Is the agent running in the VM, and does its firewall let the manager in?',
  timeout: 'The VM may be overloaded, or something swallows the connection on the way.',
  http: 'Its log says more: journalctl -u guest-agent',
  too_large: 'Something else than an agent may be listening there.',
  malformed: 'Something else than an agent may be listening there.',
  unauthorized: 'It belongs to another manager, or its clock is far off.',
  wrong_identity: 'Has the VM got another address?',
  no_guest_ip: 'Enrol its agent, or tell the address at which it answers.',
  wrong_key: 'Has the VM got another address? If it was installed anew, enrol it again.',
  no_tls:
    'Is it the agent that was enrolled? One that has lost its state folder needs a new token.',
} as const;

const adviceOf = ({ reason }: Reading): Pick<Notice, 'advice'> =>
  reason === null ? {} : { advice: ADVICE[reason] };

const noticeOf = (
  reading: Reading,
  id: string,
  now: number,
  mayEnrol: boolean,
): Notice | undefined => {
  const link = linkOf(reading, id, mayEnrol);
  const linkIfAddress = reading.reason === 'no_guest_ip' && link !== undefined ? { link } : {};
  const seen = reading.agent_seen_at;
  const since = seen === null ? '' : ` for ${formatDuration((now - seen) / 1000)}`;
  switch (reading.state) {
    case 'unknown':
      return {
        title: 'Nothing has been heard of this VM yet',
        text: why(reading),
        ...adviceOf(reading),
        ...(link === undefined ? {} : { link }),
      };
    case 'stale':
      return {
        title: `No data${since}`,
        text: `${why(reading)}. No host can say whether it still runs`,
        ...adviceOf(reading),
        ...linkIfAddress,
      };
    case 'degraded':
      return {
        title: `The agent has been silent${since}`,
        text: `${why(reading)}. The VM runs: what you see, dashed, is its host’s view from outside`,
        ...adviceOf(reading),
        ...linkIfAddress,
      };
    case 'down':
      return { title: 'The VM is stopped', text: 'its host sees no process of it any more' };
    case 'up':
      return reading.uptime_seconds !== null && reading.uptime_seconds < JUST_NOW_SECONDS
        ? {
            title: `Started ${formatDuration(reading.uptime_seconds)} ago`,
            text: 'its counters began anew',
          }
        : undefined;
    default:
      return reading.state satisfies never;
  }
};

/** Of an agent that has been silent for a while: it is not asked each second any more. */
const whenAsked = ({ next_pull_at: nextAt }: Reading, now: number): string => {
  const seconds = nextAt === null ? 0 : Math.ceil((nextAt - now) / 1000);
  return seconds > 0 ? `Asked again in ${seconds} s.` : '';
};

const sentence = (text: string): string => (text === '' ? '' : `: ${text}.`);

const StateNotice = (): JSX.Element | null => {
  const { session } = useApp();
  const { live, id } = useVm();
  const { value: reading } = live.reading;
  if (reading === undefined) return null;
  const notice = noticeOf(
    reading,
    id,
    live.managerNow(),
    permissionsIn(session.state.value).createVms,
  );
  if (notice === undefined) return null;
  return (
    <div class="vm-notice" data-state={reading.state} role="status">
      <StateMark state={reading.state} />
      <p>
        <b>{notice.title}</b>
        {sentence(notice.text)} {notice.advice}
        {/* Not spoken: it changes each second. */}
        <span class="muted" aria-hidden="true">
          {' '}
          {whenAsked(reading, live.managerNow())}
        </span>
      </p>
      {notice.link === undefined ? null : (
        <a class="button" href={notice.link.href}>
          {notice.link.text}
        </a>
      )}
    </div>
  );
};

/** What is wrong with this page rather than with the VM. */
const PageNotice = (): JSX.Element | null => {
  const { live, record } = useVm();
  const status = live.status.value;
  const { problem } = record.vm.value;
  const message = status.kind === 'refused' ? status.message : problem?.message;
  if (message === undefined) return null;
  return (
    <div class="vm-notice" data-state="stale" role="alert">
      <StateMark state="stale" />
      <p>{message}</p>
      <button type="button" class="button" onClick={() => void record.refresh()}>
        Try again
      </button>
    </div>
  );
};

export const VmNotice = (): JSX.Element => {
  const { ticker } = useApp();
  void ticker.now.value;
  return (
    <>
      <PageNotice />
      <CloneNotice />
      <StateNotice />
    </>
  );
};
