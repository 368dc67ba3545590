import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { makeVm } from '../../../../test/support/registry-fixtures.ts';
import type { PullResult } from '../pull/pull-result.ts';
import { makeAgentQuestions, type AskAgent } from './ask-agent.ts';

const vm = makeVm(1, { guestIp: '10.0.0.5' });
const schema = z.object({ total: z.number() });

const answerOf = (value: unknown): PullResult<unknown> => ({
  ok: true,
  value,
  seconds: 0.01,
  receivedAt: 1,
  receivedMonotonicMs: 1,
});

describe('a question to an agent', () => {
  it('is answered with what the schema knows, and nothing else', async () => {
    const questions = makeAgentQuestions(async () => answerOf({ total: 3, extra: '<script>' }));
    await expect(questions.ask(vm, '/processes', schema)).resolves.toEqual({
      ok: true,
      value: { total: 3 },
    });
  });

  it('is a bad gateway when the answer is malformed, without the text of the guest', async () => {
    const questions = makeAgentQuestions(async () => answerOf({ total: 'EVIL' }));
    const asked = await questions.ask(vm, '/processes', schema);
    expect(asked.ok ? undefined : asked.problem).toMatchObject({
      status: 502,
      code: 'agent_malformed',
    });
    expect(JSON.stringify(asked)).not.toContain('EVIL');
  });

  it.each([
    ['unreachable', 502, 'agent_unreachable'],
    ['timeout', 504, 'agent_timeout'],
    ['http', 502, 'agent_http'],
    ['too_large', 502, 'agent_too_large'],
    ['malformed', 502, 'agent_malformed'],
    ['unauthorized', 502, 'agent_unauthorized'],
    ['wrong_identity', 502, 'agent_wrong_identity'],
    ['no_guest_ip', 409, 'no_guest_ip'],
  ] as const)('that ends in %s is %i %s', async (kind, status, code) => {
    const failure = { kind, message: 'why' };
    const questions = makeAgentQuestions(async () => ({ ok: false, failure, seconds: 1 }));
    const asked = await questions.ask(vm, '/info', schema);
    expect(asked.ok ? undefined : asked.problem).toEqual({ status, code, message: 'why' });
  });

  it('is asked once for all who ask it at the same time', async () => {
    const askAgent = vi.fn<AskAgent>(async () => answerOf({ total: 1 }));
    const questions = makeAgentQuestions(askAgent);
    await Promise.all([1, 2, 3].map(() => questions.ask(vm, '/info', schema)));
    expect(askAgent).toHaveBeenCalledTimes(1);
    await questions.ask(vm, '/info', schema);
    await Promise.all([
      questions.ask(vm, '/a', schema),
      questions.ask({ ...vm, guestIp: '10.0.0.6' }, '/a', schema),
    ]);
    expect(askAgent).toHaveBeenCalledTimes(4);
  });

  it('is refused while too many others are under way, and possible again after them', async () => {
    const open: (() => void)[] = [];
    const questions = makeAgentQuestions(
      () =>
        new Promise((resolve) => {
          open.push(() => {
            resolve(answerOf({ total: 1 }));
          });
        }),
    );
    const asked = Array.from({ length: 64 }, (_, at) => questions.ask(vm, `/${at}`, schema));
    const refused = await questions.ask(vm, '/more', schema);
    expect(refused.ok ? undefined : refused.problem.code).toBe('busy');
    for (const answer of open) answer();
    await Promise.all(asked);
    const again = questions.ask(vm, '/more', schema);
    open.at(-1)?.();
    await expect(again).resolves.toMatchObject({ ok: true });
  });

  it('that throws leaves no trace', async () => {
    const askAgent = vi.fn<AskAgent>();
    askAgent.mockRejectedValueOnce(new Error('a bug'));
    askAgent.mockResolvedValueOnce(answerOf({ total: 2 }));
    const questions = makeAgentQuestions(askAgent);
    await expect(questions.ask(vm, '/info', schema)).rejects.toThrow('a bug');
    await expect(questions.ask(vm, '/info', schema)).resolves.toEqual({
      ok: true,
      value: { total: 2 },
    });
  });
});
