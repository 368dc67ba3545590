/** What an agent's answer to a question about a command comes to. */
import { errorBodySchema } from '@innkeeper/protocol';
import type { AgentAnswer } from '../../pull/exchange.ts';
import { printable } from '../../pull/failure.ts';

export interface AgentProblem {
  readonly code: string;
  readonly message: string;
}

export type ExecAnswer =
  | { readonly kind: 'stream' }
  /** It has too much to do, or is about to end: it has not begun, and may be asked again. */
  | { readonly kind: 'busy'; readonly problem: AgentProblem }
  /** It does not know the execution. */
  | { readonly kind: 'gone'; readonly problem: AgentProblem }
  /** It does not take the token. */
  | { readonly kind: 'unauthorized'; readonly problem: AgentProblem }
  | { readonly kind: 'refused'; readonly problem: AgentProblem };

const MAX_CODE = 64;
const MAX_MESSAGE = 400;

const problemIn = ({ status, body }: AgentAnswer): AgentProblem => {
  const plain = { code: `http_${status}`, message: `the agent answered ${status}` };
  if (body.length === 0 || body[0] !== 0x7b) return plain;
  try {
    const parsed = errorBodySchema.safeParse(JSON.parse(body.toString('utf8')));
    if (!parsed.success) return plain;
    const { code, message } = parsed.data.error;
    return { code: printable(code, MAX_CODE), message: printable(message, MAX_MESSAGE) };
  } catch {
    // Anybody may answer here with anything; the status says enough.
    return plain;
  }
};

export const readExecAnswer = (answer: AgentAnswer): ExecAnswer => {
  if (answer.status === 200) return { kind: 'stream' };
  const problem = problemIn(answer);
  switch (answer.status) {
    case 401:
      return { kind: 'unauthorized', problem };
    case 404:
      return { kind: 'gone', problem };
    case 429:
      return { kind: 'busy', problem };
    case 503:
      return { kind: problem.code === 'stopping' ? 'busy' : 'refused', problem };
    default:
      return { kind: 'refused', problem };
  }
};
