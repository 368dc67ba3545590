/** When the agent asks its manager, and what it does with the answers. */
import { describe, expect, it } from 'vitest';
import { makeLog } from '../log.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { settled } from '../testing/settled.ts';
import type { AgentState } from './agent-state.ts';
import { makeEnroller, type EnrollerDependencies } from './enroller.ts';
import type { ManagerAnswer } from './manager-answer.ts';

const TOKEN = { id: 'abcdefghijkl', text: 'ie_abcdefghijkl_secret' };
const registered = {
  kind: 'registered',
  guestIp: '10.0.0.5',
  addressProblem: undefined,
  managerKeys: ['one'],
  tlsPin: undefined,
} as const satisfies ManagerAnswer;
const refused = (code: string): ManagerAnswer => ({
  kind: 'refused',
  code,
  message: `${code}: do this`,
});
const failed: ManagerAnswer = { kind: 'failed', message: 'nobody is there' };
const ENROLLED: AgentState = {
  vmId: 'vm-1',
  privateKey: new Uint8Array(32),
  tokenId: TOKEN.id,
  isEnrolled: true,
  counter: 4,
  configKeys: ['one'],
  managerKeys: ['one'],
  tls: undefined,
  isPinned: false,
};
const IDENTITY = { privateKey: new Uint8Array(32), certificate: new Uint8Array(300) };
/** As an agent that encrypts. */
const TLS: EnrollerDependencies['tls'] = {
  complete: (state) => ({ ...state, tls: IDENTITY }),
  use: () => undefined,
  facts: () => ({ tls_pin: 'pin', tls_certificate: 'certificate' }),
};

const setUp = (
  options: { readonly state?: AgentState; readonly token?: typeof TOKEN | undefined } = {},
) => {
  const clock = makeFakeClock();
  const asked: string[] = [];
  const answers: ManagerAnswer[] = [];
  const kept: AgentState[] = [];
  const learnt: AgentState[] = [];
  const lines: string[] = [];
  let addresses = '10.0.0.5';
  let canKeep = true;
  const answer = async (question: string): Promise<ManagerAnswer> => {
    asked.push(question);
    return Promise.resolve(answers.shift() ?? failed);
  };
  const enroller = makeEnroller({
    platform: {
      clock,
      crypto: {
        random: (count) => new Uint8Array(count),
        sha256: (data) => data,
        publicKeyOf: (key) => key,
        signEd25519: (_, message) => message,
        verifyEd25519: () => true,
      },
    },
    log: makeLog({
      level: 'info',
      nowMs: () => clock.nowMs(),
      writeLine: (line) => lines.push(line),
    }),
    vmId: 'vm-1',
    token: 'token' in options ? options.token : TOKEN,
    configKeys: ['one'],
    state: options.state,
    stateFile: {
      save: (state) => {
        if (!canKeep) return { ok: false, error: { code: 'EROFS', message: 'read-only' } };
        kept.push(state);
        return { ok: true, value: undefined };
      },
    },
    messages: {
      enroll: async ({ counter }) => answer(`enroll ${counter}`),
      report: async ({ counter }, challenge) => answer(`report ${counter} ${challenge ?? '-'}`),
    },
    tls: TLS,
    addresses: () => addresses,
    learn: (state) => learnt.push(state),
  });
  return {
    clock,
    asked,
    kept,
    learnt,
    lines,
    enroller,
    answerWith: (...next: readonly ManagerAnswer[]) => answers.push(...next),
    move: (to: string) => {
      addresses = to;
    },
    allowKeeping: (can: boolean) => {
      canKeep = can;
    },
    pass: async (ms: number) => {
      clock.advance(ms);
      await settled();
    },
  };
};

describe('an agent with a new token', () => {
  it('keeps its key before it asks, and asks for ever, less and less often', async () => {
    const { enroller, asked, kept, pass, lines, clock } = setUp();
    enroller.start();
    await settled();
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatchObject({ isEnrolled: false, tokenId: TOKEN.id });
    for (const ms of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]) {
      const before = asked.length;
      await pass(ms - 1);
      expect(asked).toHaveLength(before);
      await pass(1);
      expect(asked).toHaveLength(before + 1);
    }
    expect(enroller.status()).toEqual({
      state: 'waiting',
      code: 'unreachable',
      message: 'nobody is there',
    });
    // The reason stands in the log once.
    expect(lines).toHaveLength(1);
    // One key for all of them.
    expect(kept).toHaveLength(1);
    enroller.stop();
    expect(clock.pendingTimers()).toBe(0);
  });

  it('does not ask while it cannot keep its key', async () => {
    const { enroller, asked, allowKeeping, pass, answerWith } = setUp();
    allowKeeping(false);
    enroller.start();
    await pass(5_000);
    expect(asked).toEqual([]);
    expect(enroller.status()).toMatchObject({ state: 'waiting', code: 'state_dir' });
    allowKeeping(true);
    answerWith(registered);
    await pass(5_000);
    expect(asked).toEqual(['enroll 0']);
    expect(enroller.status()).toEqual({ state: 'enrolled', code: null, message: null });
    enroller.stop();
  });

  it('stops where it is refused, and says what to do', async () => {
    const { enroller, asked, answerWith, pass, lines, clock } = setUp();
    answerWith(refused('token_expired'));
    enroller.start();
    await pass(10_000_000);
    expect(asked).toHaveLength(1);
    expect(enroller.status()).toMatchObject({ state: 'refused', code: 'token_expired' });
    expect(lines.join()).toContain('token_expired: do this');
    expect(clock.pendingTimers()).toBe(0);
  });

  it('makes a new key for it, whatever it was before', async () => {
    const { enroller, asked, kept, answerWith } = setUp({
      state: { ...ENROLLED, tokenId: 'another-one-' },
    });
    answerWith(registered);
    enroller.start();
    await settled();
    expect(asked).toEqual(['enroll 0']);
    expect(kept[0]).toMatchObject({ tokenId: TOKEN.id, isEnrolled: false, counter: 0 });
    expect(kept.at(-1)).toMatchObject({ tokenId: TOKEN.id, isEnrolled: true });
    enroller.stop();
  });

  it('goes on with the key of before where it was interrupted', async () => {
    const state = {
      ...ENROLLED,
      isEnrolled: false,
      counter: 0,
      privateKey: new Uint8Array(32).fill(9),
    };
    const { enroller, kept, answerWith } = setUp({ state });
    answerWith(registered);
    enroller.start();
    await settled();
    expect(kept.map(({ privateKey }) => privateKey[0])).toEqual([9]);
    enroller.stop();
  });
});

describe('an enrolled agent', () => {
  it('reports at its start, at each change of its addresses, and every hour', async () => {
    const { enroller, asked, answerWith, move, pass } = setUp({ state: ENROLLED });
    answerWith(registered, registered, registered);
    enroller.start();
    await pass(60_000);
    expect(asked).toEqual(['report 5 -']);
    move('10.0.0.6');
    await pass(5_000);
    expect(asked).toEqual(['report 5 -', 'report 6 -']);
    await pass(3_595_000);
    expect(asked).toHaveLength(2);
    await pass(5_000);
    expect(asked.at(-1)).toBe('report 7 -');
    enroller.stop();
  });

  it('answers a challenge with a counter that is ahead of both', async () => {
    const { enroller, asked, kept, answerWith } = setUp({ state: ENROLLED });
    answerWith({ kind: 'behind', counter: 90, challenge: 'sign-me' }, registered);
    enroller.start();
    await settled();
    expect(asked).toEqual(['report 5 -', 'report 91 sign-me']);
    expect(kept.at(-1)?.counter).toBe(91);
    enroller.stop();
  });

  it('tries its token once more where the manager does not know it', async () => {
    const { enroller, asked, answerWith } = setUp({ state: ENROLLED });
    answerWith(refused('unknown_agent'), registered);
    enroller.start();
    await settled();
    expect(asked).toEqual(['report 5 -', 'enroll 5']);
    expect(enroller.status()?.state).toBe('enrolled');
    enroller.stop();
    const other = setUp({ state: ENROLLED });
    other.answerWith(refused('unknown_agent'), refused('token_expired'));
    other.enroller.start();
    await settled();
    expect(other.enroller.status()).toMatchObject({ state: 'refused', code: 'unknown_agent' });
    other.enroller.stop();
  });

  it('asks again ten minutes after it was refused: the other machine may have gone', async () => {
    const { enroller, asked, answerWith, pass } = setUp({ state: ENROLLED, token: undefined });
    answerWith(refused('cloned'), registered);
    enroller.start();
    await settled();
    await pass(599_999);
    expect(asked).toHaveLength(1);
    await pass(1);
    expect(asked).toHaveLength(2);
    expect(enroller.status()?.state).toBe('enrolled');
    enroller.stop();
  });

  it('keeps asking until it has an address', async () => {
    const { enroller, asked, answerWith, pass } = setUp({ state: ENROLLED });
    answerWith({ ...registered, addressProblem: 'let it through' }, registered);
    enroller.start();
    await settled();
    expect(enroller.status()).toMatchObject({ state: 'enrolled', code: 'address' });
    await pass(1_000);
    expect(asked).toHaveLength(2);
    expect(enroller.status()).toMatchObject({ state: 'enrolled', code: null });
    enroller.stop();
  });

  it('learns new keys of its manager, and says so soon', async () => {
    const { enroller, asked, learnt, answerWith, pass } = setUp({ state: ENROLLED });
    const both = { ...registered, managerKeys: ['one', 'two'] };
    answerWith(both, both);
    enroller.start();
    await settled();
    expect(learnt.at(-1)?.managerKeys).toEqual(['one', 'two']);
    await pass(1_000);
    expect(asked).toEqual(['report 5 -', 'report 6 -']);
    await pass(60_000);
    expect(asked).toHaveLength(2);
    enroller.stop();
  });

  it('keeps a key for TLS with its other one, before it is told', async () => {
    const { enroller, kept, learnt, answerWith } = setUp();
    answerWith({ ...registered, tlsPin: 'pin' });
    enroller.start();
    await settled();
    expect(kept[0]).toMatchObject({ isEnrolled: false, tls: IDENTITY, isPinned: false });
    expect(learnt.at(-1)).toMatchObject({ isEnrolled: true, tls: IDENTITY, isPinned: true });
    enroller.stop();
  });

  it.each([undefined, 'another'])(
    'does not insist on TLS where the manager has %s',
    async (pin) => {
      const { enroller, learnt, answerWith } = setUp({ state: { ...ENROLLED, isPinned: true } });
      answerWith({ ...registered, tlsPin: pin });
      enroller.start();
      await settled();
      expect(learnt.at(-1)?.isPinned).toBe(false);
      enroller.stop();
    },
  );

  it('tells its manager again where that seems not to know, once a minute', async () => {
    const { enroller, asked, answerWith, pass } = setUp({ state: ENROLLED });
    answerWith(registered, registered, registered);
    enroller.start();
    await settled();
    enroller.doubt();
    await pass(55_000);
    expect(asked).toHaveLength(1);
    await pass(5_000);
    expect(asked).toHaveLength(2);
    await pass(300_000);
    expect(asked).toHaveLength(2);
    enroller.doubt();
    await pass(5_000);
    expect(asked).toHaveLength(3);
    enroller.stop();
  });

  it('that was stopped while it waited for an answer does nothing any more', async () => {
    const { enroller, answerWith, clock } = setUp({ state: ENROLLED });
    answerWith(registered);
    enroller.start();
    enroller.stop();
    await settled();
    expect(clock.pendingTimers()).toBe(0);
  });
});
