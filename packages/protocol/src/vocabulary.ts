/**
 * The closed sets of words that browsers need as values. Apart from the schemas, so that a page can
 * load these without loading zod.
 */

export const VM_STATES = [
  /** The guest's agent answers. */
  'up',
  /** The agent does not answer, and the host sees the VM run. */
  'degraded',
  /** Nothing has been heard for a while, and no host can say more. */
  'stale',
  /** The host says that the VM's process is gone. */
  'down',
  /** Nothing has ever been heard. */
  'unknown',
] as const;

export const ORIGINS = ['guest', 'host', 'none'] as const;

/** How a pull of an agent can fail. A metric label, a field of the reading and a word in the UI. */
export const PULL_FAILURE_KINDS = [
  /** No connection: refused, no route, reset before an answer. */
  'unreachable',
  /** Connected or not, no whole answer within the deadline. */
  'timeout',
  /** An answer with a status that is neither 200 nor about tokens. */
  'http',
  'too_large',
  /** An answer that is no sample. */
  'malformed',
  /** 401 or 403: the agent belongs to another manager, or its clock is far off. */
  'unauthorized',
  /** Somebody else answers at that address. */
  'wrong_identity',
  'no_guest_ip',
  /** Whoever answers there has another TLS key than the agent: nothing was asked. */
  'wrong_key',
  /** Nobody speaks TLS there, as the agent does: nothing was asked. */
  'no_tls',
] as const;
