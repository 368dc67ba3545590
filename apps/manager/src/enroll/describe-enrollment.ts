/** The enrolment of one VM or host as the API tells it. Nothing in it is a secret. */
import type { Enrollment } from '@innkeeper/protocol';
import { fingerprintOf } from './signatures.ts';
import type { AgentIdentity } from './sql/identity-row.ts';
import type { TokenRow } from './sql/token-row.ts';
import { agentIdOf, type Subject } from './subject.ts';

export interface SeenRefusal {
  readonly code: string;
  readonly message: string;
  readonly remoteAddress: string;
  readonly at: number;
}

export interface EnrollmentFacts {
  readonly subject: Subject;
  /** The newest. */
  readonly token: TokenRow | undefined;
  readonly identity: AgentIdentity | undefined;
  readonly refusal: SeenRefusal | undefined;
  readonly nowMs: number;
}

type Events = Enrollment['events'];

const eventsOf = (token: TokenRow | undefined, identity: AgentIdentity | undefined): Events => {
  const isPending = token !== undefined && token.usedAt === undefined;
  // Of a machine that is to be replaced, how it was enrolled is no step of this.
  const agent = isPending ? undefined : identity;
  const steps: readonly (readonly [Events[number]['kind'], number | undefined])[] = [
    ['token_made', token?.createdAt],
    ['agent_downloaded', token?.downloadedAt],
    ['token_used', token?.usedAt],
    ['enrolled', agent?.enrolledAt],
    ['first_reading', agent?.firstReadingAt],
  ];
  return steps.flatMap(([kind, at]) => (at === undefined ? [] : [{ kind, at }]));
};

const agentOf = (identity: AgentIdentity): Enrollment['agent'] => {
  const { facts } = identity;
  return {
    fingerprint: fingerprintOf(identity.publicKey),
    hostname: facts.hostname,
    addresses: facts.addresses,
    boot_id: facts.boot_id,
    remote_address: identity.remoteAddress ?? null,
    at: identity.seenAt,
    agent_port: facts.agent_port,
    version: facts.version,
    build: facts.build,
    architecture: facts.architecture,
    enrolled_at: identity.enrolledAt,
  };
};

const cloneOf = ({ clone }: AgentIdentity): Enrollment['clone'] =>
  clone === undefined
    ? null
    : {
        hostname: clone.facts.hostname,
        addresses: clone.facts.addresses,
        boot_id: clone.facts.boot_id,
        remote_address: clone.remote_address,
        at: clone.at,
      };

export const describeEnrollment = (facts: EnrollmentFacts): Enrollment => {
  const { subject, token, identity, refusal, nowMs } = facts;
  const isWaiting =
    token !== undefined &&
    token.usedAt === undefined &&
    token.revokedAt === undefined &&
    token.expiresAt > nowMs;
  // The machine of the manager itself is enrolled by its configuration.
  const isEnrolled =
    identity !== undefined || (subject.kind === 'vm' && subject.vm.enrolledAt !== undefined);
  return {
    vm_id: agentIdOf(subject),
    state: isWaiting ? 'waiting' : isEnrolled ? 'enrolled' : 'none',
    expires_at: isWaiting ? token.expiresAt : null,
    events: eventsOf(token, identity),
    agent: identity === undefined ? null : agentOf(identity),
    clone: identity === undefined ? null : cloneOf(identity),
    refusal:
      refusal === undefined
        ? null
        : {
            code: refusal.code,
            message: refusal.message,
            remote_address: refusal.remoteAddress,
            at: refusal.at,
          },
  };
};
