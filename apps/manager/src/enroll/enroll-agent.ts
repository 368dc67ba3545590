/**
 * `POST /v1/enroll`: an agent with a token registers its key. The token is used up in the same
 * transaction, so of two machines that have it one is enrolled. Asking again with the same token and
 * the same key has the same answer: the first one may have been lost on its way.
 */
import {
  agentFactsSchema,
  enrollMessageSchema,
  type EnrollMessage,
  type SignedMessage,
} from '@innkeeper/protocol';
import type { Queryable } from '../database/database.ts';
import { refuse, type Problem } from '../http/problem.ts';
import type { RequestFacts } from '../http/route.ts';
import { violatedConstraint } from '../vms/violated-constraint.ts';
import type { Outcome } from '../vms/outcome.ts';
import { isProved } from './enrollment-token.ts';
import type { EnrollParts } from './enroll-parts.ts';
import { makeNoteRefusal, noteOnTimeline } from './note-on-timeline.ts';
import { parseMessage } from './parse-message.ts';
import {
  BAD_SIGNATURE,
  KEY_IN_USE,
  OTHER_VM,
  TOKEN_REVOKED,
  TOKEN_UNKNOWN,
  tokenExpired,
  tokenUsed,
} from './refusals.ts';
import { fingerprintOf, isSignedBy, signAnswer } from './signatures.ts';
import { getIdentity } from './sql/get-identity.ts';
import { getToken } from './sql/get-token.ts';
import type { TokenRow } from './sql/token-row.ts';
import { upsertIdentity } from './sql/upsert-identity.ts';
import { useToken } from './sql/use-token.ts';
import { agentIdOf, targetOf, type Subject } from './subject.ts';

export type EnrollRequest = SignedMessage & { readonly proof: string };

type Verdict =
  | { readonly kind: 'enrolled'; readonly subject: Subject }
  /** `subject` only where the caller has the token. */
  | {
      readonly kind: 'refused';
      readonly problem: Problem;
      readonly subject: Subject | undefined;
    };

const refused = (problem: Problem, subject?: Subject): Verdict => ({
  kind: 'refused',
  problem,
  subject,
});

/** In the audit, and on the VM's timeline. */
const makeRecordEnrolled =
  (recordAudit: EnrollParts['recordAudit']) =>
  async (
    transaction: Queryable,
    subject: Subject,
    { token_id: tokenId, hostname }: EnrollMessage,
    key: { readonly from: Buffer | undefined; readonly to: Buffer },
    request: RequestFacts,
  ): Promise<void> => {
    const from = key.from === undefined ? null : fingerprintOf(key.from);
    const to = fingerprintOf(key.to);
    await recordAudit(transaction, {
      actor: undefined,
      action: 'agent.enroll',
      target: targetOf(subject),
      detail: { token_id: tokenId, key: to, replaces_key: from, hostname },
      request,
    });
    const kind = from === null ? 'enrolled' : 're_enrolled';
    await noteOnTimeline(transaction, subject, kind, { hostname, from, to });
  };

export const makeEnrollAgent = (parts: EnrollParts) => {
  const { database, vms, hosts, limit, clock } = parts;
  const noteRefusal = makeNoteRefusal(database);

  const subjectOf = ({ vmId, hostId }: TokenRow): Subject | undefined => {
    const vm = vmId === undefined ? undefined : vms.get(vmId);
    if (vm !== undefined) return { kind: 'vm', vm };
    const host = hostId === undefined ? undefined : hosts.get(hostId);
    return host === undefined ? undefined : { kind: 'host', host };
  };

  const recordEnrolled = makeRecordEnrolled(parts.recordAudit);

  const decide = async (
    transaction: Queryable,
    body: EnrollRequest,
    message: EnrollMessage,
    request: RequestFacts,
  ): Promise<Verdict> => {
    const token = await getToken(transaction, message.token_id);
    if (token === undefined || !isProved(token.hash, body.message, body.proof)) {
      return refused(TOKEN_UNKNOWN);
    }
    const subject = subjectOf(token);
    if (subject === undefined) return refused(TOKEN_UNKNOWN);
    const publicKey = Buffer.from(message.public_key, 'base64url');
    if (!isSignedBy(publicKey, 'enroll', body)) return refused(BAD_SIGNATURE, subject);
    const agentId = agentIdOf(subject);
    if (message.vm_id !== agentId) return refused(OTHER_VM, subject);
    const known = await getIdentity(transaction, agentId);
    if (token.usedAt !== undefined) {
      const isRepeated =
        token.usedBy?.equals(publicKey) === true && known?.publicKey.equals(publicKey) === true;
      return isRepeated ? { kind: 'enrolled', subject } : refused(tokenUsed(token.usedAt), subject);
    }
    if (token.revokedAt !== undefined) return refused(TOKEN_REVOKED, subject);
    const nowMs = clock.now();
    if (token.expiresAt <= nowMs) return refused(tokenExpired(token.expiresAt), subject);
    const { token_id: tokenId, counter } = message;
    const facts = agentFactsSchema.parse(message);
    await useToken(transaction, tokenId, publicKey, nowMs);
    await upsertIdentity(transaction, {
      agentId,
      vmId: token.vmId,
      hostId: token.hostId,
      publicKey,
      counter,
      facts,
      remoteAddress: request.remoteAddress,
      managerKeys: message.manager_keys,
      nowMs,
    });
    const key = { from: known?.publicKey, to: publicKey };
    await recordEnrolled(transaction, subject, message, key, request);
    return { kind: 'enrolled', subject };
  };

  const decideOnce = async (
    body: EnrollRequest,
    message: EnrollMessage,
    request: RequestFacts,
  ): Promise<Verdict> => {
    try {
      return await database.transaction((transaction) =>
        decide(transaction, body, message, request),
      );
    } catch (error) {
      // The agent's key is another VM's: an image with somebody's state in it.
      if (violatedConstraint(error) !== 'agent_identity_key') throw error;
      return refused(KEY_IN_USE);
    }
  };

  return async (body: EnrollRequest, request: RequestFacts): Promise<Outcome<SignedMessage>> => {
    const problem = limit.enter(request.remoteAddress);
    if (problem !== undefined) return refuse(problem);
    const parsed = parseMessage(body.message, enrollMessageSchema);
    if (!parsed.ok) {
      limit.countFailure(request.remoteAddress);
      return parsed;
    }
    const message = parsed.value;
    const verdict = await decideOnce(body, message, request);
    if (verdict.kind === 'refused') {
      limit.countFailure(request.remoteAddress);
      const { subject, problem: why } = verdict;
      const { remoteAddress } = request;
      if (subject !== undefined) {
        await noteRefusal({ subject, tokenId: message.token_id, problem: why, remoteAddress });
        parts.refused(subject, why, remoteAddress);
      }
      return refuse(why);
    }
    const { subject } = verdict;
    if (subject.kind === 'vm') {
      const by = { actor: undefined, request };
      const marked = await vms.markEnrolled(by, subject.vm.id, message.tls_pin ?? undefined);
      if (!marked.ok) return marked;
    }
    const registered = await parts.register(subject, message, request);
    if (!registered.ok) return registered;
    parts.arrived(subject);
    parts.changed(subject);
    return {
      ok: true,
      value: signAnswer(parts.signingKey(), {
        result: 'registered',
        nonce: message.nonce,
        vm_id: message.vm_id,
        ...registered.value,
        manager_keys: parts.managerKeys(),
      }),
    };
  };
};
