/**
 * Who may do what, decided in one place for every route, before the route is looked at. Fail
 * closed: what no rule opens is refused.
 *
 * Before enrolment the agent has nobody to trust: health and metrics are open, what says more about
 * the machine only to the machine itself, and everything else is refused. Once enrolled, everything
 * needs a token of the manager, except health and metrics from loopback, for a local Prometheus.
 */
import type { HttpRequest, Refusal } from '../http/message.ts';
import { bearerToken } from './bearer.ts';
import { isBound } from './binding.ts';
import type { CheckBinding } from './binding.ts';
import type { Verify } from './verifier.ts';

export type Scope = 'metrics' | 'logs' | 'exec' | 'files' | 'power' | 'update' | 'host';

export interface AccessRule {
  /** Undefined: a valid token of any scope will do. */
  readonly scope: Scope | undefined;
  readonly beforeEnrolment: 'everybody' | 'loopback' | 'nobody';
  /** Loopback needs no token even after enrolment. */
  readonly openToLoopback: boolean;
  /**
   * A POST here only asks, with a body that would be too long for a query: its token need not be
   * bound to the request.
   */
  readonly postOnlyAsks?: boolean;
}

export type Access = (request: HttpRequest, rule: AccessRule | undefined) => Refusal | undefined;

export interface Enrolment {
  readonly verify: Verify;
  readonly checkBinding: CheckBinding;
  /** Whether what comes over a network must be encrypted. */
  readonly isTlsRequired: () => boolean;
  /** Somebody with a valid token has not encrypted it: the manager has lost the agent's key. */
  readonly askedPlainly: () => void;
}

const notEnrolled: Refusal = {
  status: 403,
  code: 'not_enrolled',
  message:
    'this agent is not enrolled with a manager, so it only serves /health and /metrics' +
    ' (and /info, /processes and /metrics/process-stats to loopback)',
};

const unauthenticated = (message: string): Refusal => ({
  status: 401,
  code: 'unauthenticated',
  message,
});

const tlsRequired: Refusal = {
  status: 403,
  code: 'tls_required',
  message:
    'this agent answers a network over TLS only; its manager knows its key, and asks with https',
};

/** What another machine could read on its way. */
const isReadable = ({ peer, encrypted }: HttpRequest): boolean =>
  peer.kind === 'tcp' && !peer.loopback && !encrypted;

/**
 * A web page can make a browser on this machine ask loopback under the page's own name (DNS
 * rebinding); a name of ours or an address it cannot fake.
 */
const LOCAL_HOST = /^(?:localhost|\[[\da-f:]+\]|\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/iu;

const isLoopback = ({ peer, headers }: HttpRequest): boolean =>
  peer.kind === 'tcp' && peer.loopback && LOCAL_HOST.test(headers.get('host') ?? 'localhost');

/** A web page may also post blindly to loopback's own address; browsers then name its origin. */
const isLocalProgram = (request: HttpRequest): boolean =>
  isLoopback(request) && (request.method !== 'POST' || !request.headers.has('origin'));

const changesNothing = (method: string, rule: AccessRule | undefined): boolean =>
  method === 'GET' || method === 'HEAD' || (method === 'POST' && rule?.postOnlyAsks === true);

const accessBefore = (request: HttpRequest, rule: AccessRule | undefined): Refusal | undefined => {
  const who = rule?.beforeEnrolment ?? 'nobody';
  if (who === 'everybody') return undefined;
  return who === 'loopback' && isLocalProgram(request) ? undefined : notEnrolled;
};

export const makeAccess = (enrolment: Enrolment | undefined): Access => {
  if (enrolment === undefined) return accessBefore;
  const { verify, checkBinding, isTlsRequired, askedPlainly } = enrolment;
  return (request, rule) => {
    const readOnly = changesNothing(request.method, rule);
    if (rule?.openToLoopback === true && readOnly && isLocalProgram(request)) return undefined;
    const header = request.headers.get('authorization');
    if (isTlsRequired() && isReadable(request)) {
      if (verify(bearerToken(header) ?? '').ok) askedPlainly();
      return tlsRequired;
    }
    if (header === undefined) {
      return unauthenticated('needs a token of the manager: Authorization: Bearer …');
    }
    const token = bearerToken(header);
    if (token === undefined) return unauthenticated('the Authorization header must be: Bearer …');
    const verdict = verify(token);
    if (!verdict.ok) return unauthenticated(verdict.problem);
    const { claims } = verdict;
    if (rule?.scope !== undefined && !claims.scopes.includes(rule.scope)) {
      const message = `needs a token with the scope ${rule.scope}`;
      return { status: 403, code: 'forbidden', message };
    }
    // A bound token stays bound for requests that need none: seen on its way, it opens nothing else.
    const problem = readOnly && !isBound(claims) ? undefined : checkBinding(claims, request);
    return problem === undefined ? undefined : unauthenticated(problem);
  };
};
