/**
 * Registers where an agent is, from what it says of its machine. It is known to hold its key, and
 * still a guest may not make the manager ask whom it likes: only addresses of the guests' networks
 * count, the one that the message came from is taken by its word, and any other one must answer as
 * this agent, on the port that people have registered or the usual one.
 */
import type { AgentFacts, Registered } from '@innkeeper/protocol';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import type { Problem } from '../http/problem.ts';
import type { RequestFacts } from '../http/route.ts';
import type { AddressRules } from '../vms/address-rules.ts';
import { canonicalAddress } from '../vms/guest-address.ts';
import type { Outcome } from '../vms/outcome.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';
import type { ProbeAgent } from './probe-agent.ts';
import { agentIdOf, agentPortOf, type Subject } from './subject.ts';

export interface RegisterAddressOptions {
  readonly vms: Pick<VmRegistry, 'all' | 'get' | 'setGuestIp'>;
  readonly hosts: Pick<HostRegistry, 'get' | 'patch'>;
  readonly addressRules: AddressRules;
  readonly probeAgent: ProbeAgent;
}

export type AddressOutcome = Pick<Registered, 'guest_ip' | 'address_problem'>;

export type RegisterAddress = (
  subject: Subject,
  facts: AgentFacts,
  request: RequestFacts,
) => Promise<AddressOutcome>;

/** By the message that is looked at. */
interface Told {
  readonly tlsPin: string | undefined;
  readonly request: RequestFacts;
}

const USUAL_PORT = 8080;
/** A machine with more has containers; theirs lead nowhere. */
const MAX_CANDIDATES = 8;

const addressOf = (subject: Subject): string | undefined =>
  subject.kind === 'vm' ? subject.vm.guestIp : subject.host.address;

/** In what order the agent's addresses are tried: what serves already stays. */
const inOrder = (
  addresses: readonly string[],
  remote: string | undefined,
  current: string | undefined,
): readonly string[] => {
  const rank = (address: string): number => {
    if (address === current) return 0;
    return address === remote ? 1 : 2;
  };
  return [...new Set(addresses)].toSorted((one, other) => rank(one) - rank(other));
};

export const makeRegisterAddress = (options: RegisterAddressOptions): RegisterAddress => {
  const { vms, hosts, addressRules, probeAgent } = options;

  const register = async (
    subject: Subject,
    address: string,
    port: number,
    isConfirmed: boolean,
    request: RequestFacts,
  ): Promise<Outcome<unknown>> => {
    const by = { actor: undefined, request };
    if (subject.kind === 'host') {
      return hosts.patch(by, subject.host.id, { address, agent_port: port });
    }
    const place = { guestIp: address, agentPort: port, takeOver: isConfirmed };
    return vms.setGuestIp(by, subject.vm.id, place);
  };

  const isTaken = (subject: Subject, address: string, port: number): boolean =>
    subject.kind === 'vm' &&
    [...vms.all()].some(
      ({ id, guestIp, agentPort }) =>
        id !== subject.vm.id && guestIp === address && agentPort === port,
    );

  /** One candidate: undefined where it is not this agent's place. */
  const tryOne = async (
    subject: Subject,
    address: string,
    port: number,
    isKnownToBeIts: boolean,
    { tlsPin, request }: Told,
  ): Promise<Outcome<unknown> | undefined> => {
    const place = { agentId: agentIdOf(subject), address, port, tlsPin };
    // Where another VM has it, that VM's agent may be there still: whoever answers has it.
    const needsProbe = !isKnownToBeIts || isTaken(subject, address, port);
    const isConfirmed = needsProbe && (await probeAgent(place)) !== undefined;
    if (!isKnownToBeIts && !isConfirmed) return undefined;
    return register(subject, address, port, isConfirmed, request);
  };

  return async (subject, facts, request) => {
    const before = addressOf(subject);
    const failed = ({ code, message }: Pick<Problem, 'code' | 'message'>): AddressOutcome => ({
      guest_ip: before ?? null,
      address_problem: { code, message },
    });
    const port = facts.agent_port;
    const told = { tlsPin: facts.tls_pin ?? undefined, request };
    if (port === null) {
      const message = 'the agent listens on no TCP port; the manager cannot pull it by an address';
      return failed({ code: 'no_port', message });
    }
    const remote = canonicalAddress(request.remoteAddress);
    const mayProbe = port === agentPortOf(subject) || port === USUAL_PORT;
    const known = facts.addresses.flatMap((address) => canonicalAddress(address) ?? []);
    let problem: Pick<Problem, 'code' | 'message'> = {
      code: 'no_address',
      message: 'the agent has found no address of its own; its network may not be up yet',
    };
    let tried = 0;
    for (const address of inOrder(known, remote, before)) {
      const checked = addressRules.check('guest_ip', address, port);
      if (!checked.ok) {
        problem = checked.problem;
        continue;
      }
      const isItsOwn = address === remote || (address === before && port === agentPortOf(subject));
      if (!isItsOwn && !mayProbe) continue;
      if (tried >= MAX_CANDIDATES) break;
      tried += 1;
      const outcome = await tryOne(subject, address, port, isItsOwn, told);
      if (outcome?.ok === true) return { guest_ip: address, address_problem: null };
      if (outcome?.ok === false) ({ problem } = outcome);
    }
    if (problem.code !== 'no_address' || known.length === 0) return failed(problem);
    const what = tried === 0 ? `port ${port} is not the registered one` : 'nobody answered';
    return failed({
      code: 'not_reachable',
      message:
        `none of the agent's addresses could be confirmed (${what}): ` +
        `let the manager through to port ${port} of the guest, or register the address by hand`,
    });
  };
};
