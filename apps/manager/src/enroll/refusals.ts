/** Why an agent is not let in, each in a sentence that says what to do. The codes are the protocol's. */
import type { Problem } from '../http/problem.ts';

const NEW_TOKEN =
  'make a new token (POST /v1/vms/{id}/enrollment, or /v1/hosts/{id}/enrollment), write it into the ' +
  "agent's config as enrollment_token, and restart the agent";

const at = (ms: number): string => new Date(ms).toISOString();

/** The same for an id that nobody knows and for a wrong proof: neither tells which ids there are. */
export const TOKEN_UNKNOWN: Problem = {
  status: 403,
  code: 'token_unknown',
  message: `this manager knows no such enrolment token: it was revoked, replaced by a newer one, or made by another manager; ${NEW_TOKEN}`,
};

export const tokenExpired = (expiredAt: number): Problem => ({
  status: 403,
  code: 'token_expired',
  message: `the enrolment token has expired at ${at(expiredAt)}; ${NEW_TOKEN}`,
});

export const tokenUsed = (usedAt: number): Problem => ({
  status: 403,
  code: 'token_used',
  message: `another machine, or this one before it lost its state, has used the enrolment token at ${at(usedAt)}; ${NEW_TOKEN}`,
});

export const TOKEN_REVOKED: Problem = {
  status: 403,
  code: 'token_revoked',
  message: `the enrolment token was revoked, or replaced by a newer one; ${NEW_TOKEN}`,
};

export const OTHER_VM: Problem = {
  status: 403,
  code: 'other_machine',
  message:
    'the enrolment token was made for another VM than the vm_id in the config; take vm_id and ' +
    'enrollment_token from the same answer of the manager',
};

export const BAD_SIGNATURE: Problem = {
  status: 403,
  code: 'bad_signature',
  message: 'the message is not signed by the key that it names',
};

export const KEY_IN_USE: Problem = {
  status: 409,
  code: 'cloned',
  message:
    'the key of this agent is enrolled for another VM: its disk is a copy. Remove state.json in its ' +
    `state_dir (/var/lib/guest-agent); then ${NEW_TOKEN}`,
};

export const UNKNOWN_AGENT: Problem = {
  status: 404,
  code: 'unknown_agent',
  message: `this manager has no agent of this id enrolled: the VM was deleted, or the manager was restored from a backup of before; ${NEW_TOKEN}`,
};

export const KEY_REPLACED: Problem = {
  status: 403,
  code: 'key_replaced',
  message: `another key is enrolled for this VM by now, of a machine that was installed anew or has taken its place; if this is the right machine, ${NEW_TOKEN}`,
};

export const CLONED: Problem = {
  status: 409,
  code: 'cloned',
  message:
    'two machines have the key of this agent: one disk is a copy of the other. The machine that was ' +
    `enrolled stays; to make the copy a VM of its own, register it; if the other machine is gone for good, ${NEW_TOKEN}`,
};

export const PUBLIC_URL_MISSING: Problem = {
  status: 409,
  code: 'public_url_missing',
  message:
    'guests must know where the manager is: set INNKEEPER_PUBLIC_URL to the URL by which they reach ' +
    'it, such as http://192.168.122.1:8080, and start the manager again',
};
