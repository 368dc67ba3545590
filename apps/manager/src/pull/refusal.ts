/** What an answer means that is not the one that was asked for. */
import { errorBodySchema } from '@innkeeper/protocol';
import { headerOf, type AgentAnswer } from './exchange.ts';
import { printable, pullFailure } from './failure.ts';
import type { PullFailure } from './pull-result.ts';

const MAX_EXPLANATION = 240;

/** The agent's own words, where it is one of ours. */
const explanationIn = (body: Buffer): string => {
  if (body.length === 0 || body[0] !== 0x7b) return '';
  try {
    const parsed = errorBodySchema.safeParse(JSON.parse(body.toString('utf8')));
    if (!parsed.success) return '';
    const { code, message } = parsed.data.error;
    return `: ${code}: ${printable(message, MAX_EXPLANATION)}`;
  } catch {
    // Anybody may answer here with anything; the status says enough.
    return '';
  }
};

const identity = (encoding: string | undefined): boolean =>
  encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity';

/** Undefined: the answer has status 200 and plain content. */
export const refusalIn = (answer: AgentAnswer, where: string): PullFailure | undefined => {
  const { status, headers, body } = answer;
  if (status === 401 || status === 403) {
    return pullFailure('unauthorized', where, `answered ${status}${explanationIn(body)}`);
  }
  if (status !== 200) return pullFailure('http', where, `answered ${status}${explanationIn(body)}`);
  const encoding = headerOf(headers, 'content-encoding');
  if (identity(encoding)) return undefined;
  const shown = JSON.stringify(printable(encoding ?? '', 64));
  return pullFailure(
    'malformed',
    where,
    `an answer in the encoding ${shown}, which nobody asked for`,
  );
};
