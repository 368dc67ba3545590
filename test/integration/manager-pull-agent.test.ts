/** The manager's pulls and tokens, against real agents. */
import { generateKeyPairSync } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTokenMinter } from '../../apps/manager/src/keys/token-minter.ts';
import { makeConnectGate } from '../../apps/manager/src/pull/connect-gate.ts';
import { makeDeadlines } from '../../apps/manager/src/pull/deadlines.ts';
import { makeGuestPuller, type GuestPuller } from '../../apps/manager/src/pull/guest-puller.ts';
import { makeHostPuller, type HostPuller } from '../../apps/manager/src/pull/host-puller.ts';
import { makeSampleDecoder } from '../../apps/manager/src/pull/sample-decoder.ts';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';

const VM_ID = '018f3a52-0c39-7d6e-b2c4-6b1f5a0e9d11';
const HOUR_SECONDS = 3600;

/** Asked through it, the agent sees a peer that is not on loopback, and wants a token. */
const ownAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
const skipReason = 'this machine has no address but loopback';

const makeKey = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { signingKey: privateKey, publicKey: raw.toString('base64') };
};

const makePullers = (signingKey: ReturnType<typeof makeKey>['signingKey'], aheadSeconds = 0) => {
  // A guest whose clock is an hour off is, from its side, a manager whose clock is.
  const clock = {
    now: () => Date.now() + aheadSeconds * 1000,
    monotonicMs: () => performance.now(),
  };
  const deadlines = makeDeadlines(clock);
  const shared = {
    mintToken: makeTokenMinter({ signingKey: () => signingKey, clock }),
    gate: makeConnectGate({ connecting: 4 }),
    deadlines,
    clock,
    keepAliveMs: 60_000,
  };
  const guests = makeGuestPuller({
    ...shared,
    makeSampleDecoder: () =>
      makeSampleDecoder({
        monotonicMs: () => clock.monotonicMs(),
        random: () => 0.5,
        isWatched: () => false,
      }),
  });
  const hosts = makeHostPuller({ ...shared, vmsOf: () => [] });
  return {
    guests,
    hosts,
    deadlineMs: () => clock.monotonicMs() + 8_000,
    stop: async () => {
      await Promise.all([guests.stop(), hosts.stop()]);
      deadlines.stop();
    },
  };
};

const using = async (
  pullers: ReturnType<typeof makePullers>,
  work: (guests: GuestPuller, hosts: HostPuller) => Promise<void>,
): Promise<void> => {
  try {
    await work(pullers.guests, pullers.hosts);
  } finally {
    await pullers.stop();
  }
};

describe.each(AGENT_BUILDS)('$name, enrolled', (build) => {
  const [key, stranger] = [makeKey(), makeKey()];
  let agent: AgentProcess;
  beforeAll(async () => {
    agent = await startAgent({
      build,
      args: ['--listen', '0.0.0.0:0', '--role', 'guest,host'],
      config: { vm_id: VM_ID, manager_keys: [key.publicKey] },
    });
  });
  afterAll(async () => void (await agent.stop()));

  const vm = (changes: { readonly id?: string } = {}) => ({
    id: VM_ID,
    guestIp: ownAddress,
    agentPort: agent.port,
    enrolledAt: 1_700_000_000_000,
    ...changes,
  });

  test.for([
    ['the same clock', 0],
    ['a clock that is an hour behind ours', HOUR_SECONDS],
    ['a clock that is an hour ahead of ours', -HOUR_SECONDS],
  ] as const)('with %s is pulled again and again, verified', async ([, ahead], context) => {
    if (ownAddress === undefined) return context.skip(skipReason);
    const pullers = makePullers(key.signingKey, ahead);
    return using(pullers, async (guests) => {
      for (let time = 0; time < 3; time += 1) {
        const result = await guests.pull(vm(), pullers.deadlineMs());
        if (!result.ok) throw new Error(result.failure.message);
        expect(result.value.vm_id).toBe(VM_ID);
        expect(Math.abs(Date.now() - result.value.taken_at)).toBeLessThan(10_000);
      }
      const offset = guests.clockOffsetSeconds(VM_ID) ?? Number.NaN;
      expect(Math.abs(offset + ahead)).toBeLessThanOrEqual(10);
    });
  });

  test('refuses a token of another manager', async (context) => {
    if (ownAddress === undefined) return context.skip(skipReason);
    const pullers = makePullers(stranger.signingKey);
    return using(pullers, async (guests) => {
      const result = await guests.pull(vm(), pullers.deadlineMs());
      expect(result).toMatchObject({ ok: false, failure: { kind: 'unauthorized' } });
      expect(!result.ok && result.failure.message).toMatch(/not signed by this agent's manager/u);
    });
  });

  test('refuses a token for another VM; over loopback it answers, and is not believed', async (context) => {
    const pullers = makePullers(key.signingKey);
    await using(pullers, async (guests) => {
      const other = vm({ id: VM_ID.replace('018f', '018e') });
      const local = await guests.pull({ ...other, guestIp: '127.0.0.1' }, pullers.deadlineMs());
      expect(local).toMatchObject({ ok: false, failure: { kind: 'wrong_identity' } });
      if (ownAddress === undefined) return context.skip(skipReason);
      const remote = await guests.pull(other, pullers.deadlineMs());
      return expect(remote).toMatchObject({ ok: false, failure: { kind: 'unauthorized' } });
    });
  });

  test('tells of the VMMs of its machine', async (context) => {
    if (ownAddress === undefined) return context.skip(skipReason);
    const pullers = makePullers(key.signingKey);
    return using(pullers, async (_, hosts) => {
      const { port: agentPort } = agent;
      const address = { address: ownAddress, agentPort, tlsPin: undefined };
      const host = { id: 'host', ...address, agentId: VM_ID };
      const result = await hosts.pull(host, pullers.deadlineMs());
      if (!result.ok) throw new Error(result.failure.message);
      expect(result.value.stats.cpu_count).toBeGreaterThan(0);
    });
  });
});

test('an agent that was never enrolled is pulled, unverified', async () => {
  const [build] = AGENT_BUILDS;
  if (build === undefined) throw new Error('no build');
  const agent = await startAgent({ build });
  const pullers = makePullers(makeKey().signingKey);
  try {
    await using(pullers, async (guests) => {
      const { port: agentPort } = agent;
      const vm = { id: VM_ID, guestIp: '127.0.0.1', agentPort, enrolledAt: undefined };
      const result = await guests.pull(vm, pullers.deadlineMs());
      expect(result).toMatchObject({ ok: true, value: { vm_id: null } });
      const enrolled = await guests.pull({ ...vm, enrolledAt: 1 }, pullers.deadlineMs());
      expect(enrolled).toMatchObject({ ok: false, failure: { kind: 'wrong_identity' } });
    });
  } finally {
    await agent.stop();
  }
});
