/** What a failure to get an answer of an agent is to whoever has asked the manager for it. */
import type { Problem } from '../http/problem.ts';
import type { PullFailure } from '../pull/pull-result.ts';

const statusOf = (kind: PullFailure['kind']): Problem['status'] => {
  if (kind === 'timeout') return 504;
  return kind === 'no_guest_ip' ? 409 : 502;
};

export const agentProblem = ({ kind, message }: PullFailure): Problem => ({
  status: statusOf(kind),
  code: kind === 'no_guest_ip' ? kind : `agent_${kind}`,
  message,
});

/** For the table of routes. */
export const AGENT_PROBLEMS = {
  '409 no_guest_ip': 'the VM has no address',
  '502 agent_unreachable': 'no connection to the agent',
  '502 agent_http': 'the agent answered with an error',
  '502 agent_too_large': 'the answer is too large',
  '502 agent_malformed': 'the answer is not what an agent says',
  '502 agent_unauthorized': 'the agent belongs to another manager, or its clock is far off',
  '502 agent_wrong_identity': 'somebody else answers at that address',
  '502 agent_wrong_key': 'whoever answers there has another TLS key than the agent',
  '502 agent_no_tls': 'nobody speaks TLS there, as the agent does',
  '504 agent_timeout': 'no answer in time',
  '503 busy': 'too many questions at once',
};
