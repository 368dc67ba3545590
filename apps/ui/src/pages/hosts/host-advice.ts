/** Why a host's agent gives no answer, and what to look at first. */
import type { Host, PullFailureKind } from '@innkeeper/protocol';

interface Advice {
  readonly why: string;
  readonly next: string;
}

export const HOST_ADVICE = {
  unreachable: {
    why: 'nothing answers there',
    next: 'Does the agent run, with this address and port open for the manager?',
  },
  timeout: {
    why: 'no answer in time',
    next: 'A firewall that drops silently looks like this, and so does a host at its limit.',
  },
  http: {
    why: 'it answers with an error',
    next: 'It may run without the role host: see its configuration.',
  },
  too_large: { why: 'its answer is too large', next: 'Is this the agent of a host?' },
  malformed: {
    why: 'what answers there is no agent',
    next: 'Check the port.',
  },
  unauthorized: {
    why: 'it does not accept this manager',
    next: 'Its configuration needs this host’s id and this manager’s key, and its clock must be right.',
  },
  wrong_identity: {
    why: 'another machine answers there',
    next: 'Check the address, or the vm_id in its configuration.',
  },
  no_guest_ip: { why: 'it has no address', next: 'Give it one.' },
  wrong_key: {
    why: 'another machine answers there, with another TLS key',
    next: 'Check the address. If it was installed anew, enrol it again.',
  },
  no_tls: {
    why: 'what answers there does not encrypt, as its agent does',
    next: 'Check the port. If its agent has lost its state folder, enrol it again.',
  },
} as const satisfies Readonly<Record<PullFailureKind, Advice>>;

const WITHOUT_REASON = {
  up: 'It answers.',
  down: 'It does not answer.',
  unknown: 'It was not asked yet.',
} as const satisfies Readonly<Record<Host['status']['state'], string>>;

/** How the host's agent is doing, and what to look at first where it is not well. */
export const hostSentence = ({
  state,
  reason,
}: Pick<Host['status'], 'state' | 'reason'>): string => {
  if (reason === null) return WITHOUT_REASON[state];
  const { why, next } = HOST_ADVICE[reason];
  return `${why.slice(0, 1).toUpperCase()}${why.slice(1)}. ${next}`;
};
