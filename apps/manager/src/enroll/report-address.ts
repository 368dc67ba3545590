/**
 * `POST /v1/agents/:id/address`: an enrolled agent says where it is, at its start and when that has
 * changed. Here it shows that a disk was copied, or set back to an earlier state:
 *
 * - another machine id, or another boot of this VM that still answers at its place: two machines have
 *   one key, `409 cloned`, and the one that was there stays;
 * - a counter that is behind: an old message played again, a restored snapshot, or a restored manager.
 *   Who signs the manager's challenge is no old message, and counts.
 */
import {
  addressMessageSchema,
  agentFactsSchema,
  type AddressMessage,
  type SignedMessage,
} from '@innkeeper/protocol';
import { refuse, type Problem } from '../http/problem.ts';
import type { RequestFacts } from '../http/route.ts';
import type { Outcome } from '../vms/outcome.ts';
import { makeChallenges } from './challenges.ts';
import type { EnrollParts } from './enroll-parts.ts';
import { isOtherMachine } from './is-other-machine.ts';
import { noteOnTimeline } from './note-on-timeline.ts';
import { parseMessage } from './parse-message.ts';
import { CLONED, KEY_REPLACED, UNKNOWN_AGENT } from './refusals.ts';
import { makeReportLimit } from './report-limit.ts';
import { fingerprintOf, isSignedBy, signAnswer } from './signatures.ts';
import { getIdentity } from './sql/get-identity.ts';
import type { AgentIdentity } from './sql/identity-row.ts';
import { setClone } from './sql/set-clone.ts';
import { updateIdentity } from './sql/update-identity.ts';
import { agentPortOf, targetOf, tlsPinOf, type Subject } from './subject.ts';

/** A copy asks again and again; audit and timeline have it once, and once more after such a silence. */
const AUDIT_AGAIN_MS = 3_600_000;

const WRONG_PLACE: Problem = {
  status: 422,
  code: 'invalid',
  message: 'vm_id: must be the one in the path',
};

type Step =
  | { readonly kind: 'taken' }
  | { readonly kind: 'behind'; readonly counter: number }
  | { readonly kind: 'refused'; readonly problem: Problem };

export const makeReportAddress = (parts: EnrollParts) => {
  const { database, vms, hosts, limit, clock, probeAgent } = parts;
  const challenges = makeChallenges(clock);
  const reportProblem = makeReportLimit(clock);

  const subjectOf = ({ vmId, hostId }: AgentIdentity): Subject | undefined => {
    const vm = vmId === undefined ? undefined : vms.get(vmId);
    if (vm !== undefined) return { kind: 'vm', vm };
    const host = hostId === undefined ? undefined : hosts.get(hostId);
    return host === undefined ? undefined : { kind: 'host', host };
  };

  /** Whether the machine that is registered is there, and is not the one that talks. */
  const isStillThere = async (subject: Subject, told: AddressMessage): Promise<boolean> => {
    const address = subject.kind === 'vm' ? subject.vm.guestIp : subject.host.address;
    if (address === undefined) return false;
    const port = agentPortOf(subject);
    const tlsPin = tlsPinOf(subject);
    const found = await probeAgent({ agentId: told.vm_id, address, port, tlsPin });
    return found?.bootId !== undefined && told.boot_id !== null && found.bootId !== told.boot_id;
  };

  const noteClone = async (
    subject: Subject,
    known: AgentIdentity,
    message: AddressMessage,
    request: RequestFacts,
  ): Promise<void> => {
    const agentId = message.vm_id;
    const facts = agentFactsSchema.parse(message);
    await database.transaction(async (transaction) => {
      const remote = request.remoteAddress;
      await setClone(transaction, agentId, { facts, remote_address: remote, at: clock.now() });
      if (known.clone !== undefined && clock.now() - known.clone.at < AUDIT_AGAIN_MS) return;
      await parts.recordAudit(transaction, {
        actor: undefined,
        action: 'agent.cloned',
        target: targetOf(subject),
        detail: { key: fingerprintOf(known.publicKey), hostname: facts.hostname },
        request,
      });
      const detail = { hostname: facts.hostname, from: remote };
      await noteOnTimeline(transaction, subject, 'cloned', detail);
    });
  };

  const take = async (message: AddressMessage, request: RequestFacts): Promise<Step> => {
    const { vm_id: agentId, counter, challenge } = message;
    const facts = agentFactsSchema.parse(message);
    return database.transaction(async (transaction): Promise<Step> => {
      // Anew: while it was asked who is there, another message may have counted.
      const known = await getIdentity(transaction, agentId);
      if (known === undefined) return { kind: 'refused', problem: UNKNOWN_AGENT };
      const isAnswer = challenge !== null && challenges.take(agentId, challenge);
      if (counter <= known.counter && !isAnswer) return { kind: 'behind', counter: known.counter };
      await updateIdentity(transaction, {
        agentId,
        counter: Math.max(counter, known.counter),
        facts,
        remoteAddress: request.remoteAddress,
        managerKeys: message.manager_keys,
        nowMs: clock.now(),
      });
      return { kind: 'taken' };
    });
  };

  const identify = async (
    agentId: string,
    body: SignedMessage,
  ): Promise<Outcome<{ message: AddressMessage; known: AgentIdentity; subject: Subject }>> => {
    const parsed = parseMessage(body.message, addressMessageSchema);
    if (!parsed.ok) return parsed;
    const message = parsed.value;
    if (message.vm_id !== agentId) return refuse(WRONG_PLACE);
    const known = await getIdentity(database, agentId);
    const subject = known === undefined ? undefined : subjectOf(known);
    if (known === undefined || subject === undefined) return refuse(UNKNOWN_AGENT);
    if (!isSignedBy(known.publicKey, 'address', body)) return refuse(KEY_REPLACED);
    return { ok: true, value: { message, known, subject } };
  };

  return async (
    agentId: string,
    body: SignedMessage,
    request: RequestFacts,
  ): Promise<Outcome<SignedMessage>> => {
    const problem = limit.enter(request.remoteAddress);
    if (problem !== undefined) return refuse(problem);
    const identified = await identify(agentId, body);
    if (!identified.ok) {
      limit.countFailure(request.remoteAddress);
      return identified;
    }
    const { message, known, subject } = identified.value;
    const tooMany = reportProblem(agentId);
    if (tooMany !== undefined) return refuse(tooMany);
    const answer = (fields: Readonly<Record<string, unknown>>): Outcome<SignedMessage> => {
      const common = { nonce: message.nonce, vm_id: agentId };
      return { ok: true, value: signAnswer(parts.signingKey(), { ...common, ...fields }) };
    };
    const { challenge, counter } = message;
    const isFresh =
      counter > known.counter || (challenge !== null && challenges.isOpen(agentId, challenge));
    const behind = (last: number): Outcome<SignedMessage> =>
      answer({ result: 'behind', counter: last, challenge: challenges.give(agentId) });
    // Before anything is asked or noted: an old message must have no effect at all.
    if (!isFresh) return behind(known.counter);
    // The same boot as last time is the same machine: nobody needs to be asked.
    const isOtherBoot = known.facts.boot_id !== message.boot_id;
    const isClone =
      isOtherMachine(known.facts, message) ||
      (isOtherBoot && (await isStillThere(subject, message)));
    if (isClone) {
      await noteClone(subject, known, message, request);
      parts.refused(subject, CLONED, request.remoteAddress);
      parts.changed(subject);
      return refuse(CLONED);
    }
    const step = await take(message, request);
    if (step.kind === 'refused') return refuse(step.problem);
    if (step.kind === 'behind') return behind(step.counter);
    const registered = await parts.register(subject, message, request);
    if (!registered.ok) return registered;
    parts.arrived(subject);
    parts.changed(subject);
    const { value } = registered;
    return answer({ result: 'registered', ...value, manager_keys: parts.managerKeys() });
  };
};
