/** The closed words of the protocol, as sentences for people. */
import type { MissingReason, PullFailureKind, VmState } from '@innkeeper/protocol';

export const STATE_WORDS = {
  up: 'running',
  degraded: 'agent down',
  stale: 'no data',
  down: 'stopped',
  unknown: 'never seen',
} as const satisfies Readonly<Record<VmState, string>>;

export const FAILURE_WORDS = {
  unreachable: 'the agent cannot be reached',
  timeout: 'the agent did not answer in time',
  http: 'the agent answered with an error',
  too_large: 'the agent’s answer was too large',
  malformed: 'what answers there is no agent',
  unauthorized: 'the agent does not accept this manager',
  wrong_identity: 'another VM answers at this address',
  no_guest_ip: 'it has no address yet',
  wrong_key: 'somebody else answers at this address',
  no_tls: 'what answers at this address does not encrypt, as its agent does',
} as const satisfies Readonly<Record<PullFailureKind, string>>;

export const MISSING_WORDS = {
  ...FAILURE_WORDS,
  absent: 'the host has no such counter',
  forbidden: 'the host’s agent may not read it',
  pending: 'the first answer is still to come',
  first_sample: 'a rate needs two samples',
  rebooted: 'it has just rebooted',
  counter_reset: 'its counters started anew',
  clock_jump: 'its clock jumped',
  gap: 'the sample before is too old',
  not_reported: 'the agent could not read it',
  no_host: 'no host is known that runs it',
  host_unreachable: 'its host’s agent cannot be reached',
  no_vmm: 'its host sees no such VM',
  ambiguous_vmm: 'more than one VM of its host fits',
} as const satisfies Readonly<Record<MissingReason, string>>;
