/** Hundreds of guests, some dead, some hostile: those that are well must not notice. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Sample } from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTokenMinter } from '../../apps/manager/src/keys/token-minter.ts';
import { makeConnectGate } from '../../apps/manager/src/pull/connect-gate.ts';
import { makeDeadlines } from '../../apps/manager/src/pull/deadlines.ts';
import { makeGuestPuller, type PulledVm } from '../../apps/manager/src/pull/guest-puller.ts';
import { makePullLoop } from '../../apps/manager/src/pull/pull-loop.ts';
import type { Turn } from '../../apps/manager/src/pull/pull-result.ts';
import { makeSampleDecoder } from '../../apps/manager/src/pull/sample-decoder.ts';
import {
  refusingPort,
  sampleAnswer,
  startPeer,
  type Answer,
  type Peer,
} from '../support/pull-peers.ts';
import { waitUntil } from '../support/wait-until.ts';

const GUESTS = 400;
const ROUNDS = 4;
/** More than enough on any machine; the loop takes a second for each round. */
const PATIENCE_MS = 14_000;

type Kind = 'healthy' | 'refused' | 'silent' | 'dripping' | 'garbage';

interface Guest {
  readonly kind: Kind;
  readonly vm: PulledVm;
  readonly peer: Peer | undefined;
  readonly turns: Turn<Sample>[];
}

const drip: Answer = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n');
  const timer = setInterval(() => socket.write('x'), 100);
  socket.once('close', () => clearInterval(timer));
};

/** Of a hundred guests five are dead, one drips and one sends garbage. */
const kindOf = (index: number): Kind => {
  const place = index % 100;
  if (place < 3) return 'refused';
  if (place < 5) return 'silent';
  if (place === 5) return 'dripping';
  return place === 6 ? 'garbage' : 'healthy';
};

const answerOf = (kind: Kind, id: string): Answer => {
  if (kind === 'silent') return () => {};
  if (kind === 'dripping') return drip;
  const text = kind === 'garbage' ? '\x00\x01garbage\r\n\r\n' : sampleAnswer(id);
  return (socket) => void socket.write(text);
};

const startGuest = async (index: number): Promise<Guest> => {
  const kind = kindOf(index);
  const id = randomUUID();
  const host = `127.1.${Math.floor(index / 200)}.${(index % 200) + 1}`;
  const peer = kind === 'refused' ? undefined : await startPeer(answerOf(kind, id), host);
  const agentPort = peer?.port ?? (await refusingPort(host));
  return { kind, vm: { id, guestIp: host, agentPort, enrolledAt: 1 }, peer, turns: [] };
};

const guests: Guest[] = [];
beforeAll(async () => {
  for (let index = 0; index < GUESTS; index += 1) guests.push(await startGuest(index));
});
afterAll(async () => {
  await Promise.all(guests.map(async ({ peer }) => peer?.close()));
});

const of = (kind: Kind): Guest[] => guests.filter((guest) => guest.kind === kind);

const failuresOf = (all: readonly Guest[]): Set<string> =>
  new Set(
    all.flatMap(({ turns }) =>
      turns.map((turn) => {
        if (turn.kind !== 'pulled') return turn.kind;
        return turn.result.ok ? 'ok' : turn.result.failure.kind;
      }),
    ),
  );

test('guests that are well are pulled each second over one connection, whatever the others do', async () => {
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  const byId = new Map(guests.map((guest) => [guest.vm.id, guest]));
  const { privateKey } = generateKeyPairSync('ed25519');
  const deadlines = makeDeadlines(clock);
  const gate = makeConnectGate({ connecting: 32 });
  const puller = makeGuestPuller({
    mintToken: makeTokenMinter({ signingKey: () => privateKey, clock }),
    makeSampleDecoder: () =>
      makeSampleDecoder({
        monotonicMs: () => clock.monotonicMs(),
        random: () => 0.5,
        isWatched: () => false,
      }),
    gate,
    deadlines,
    clock,
    keepAliveMs: 60_000,
  });
  const problems: string[] = [];
  const write = (message: string): void => void problems.push(message);
  const loop = makePullLoop<PulledVm, Sample>({
    intervalMs: 1000,
    timeoutMs: 900,
    clock,
    random: Math.random,
    log: { debug: write, info: write, warn: write, error: write },
    pull: async (vm, deadlineMs) => puller.pull(vm, deadlineMs),
    forget: (id) => puller.forget(id),
    isWatched: () => false,
    placeOf: ({ guestIp, agentPort }) => `${guestIp} ${agentPort}`,
    onTurn: ({ id }, turn) => byId.get(id)?.turns.push(turn),
  });
  try {
    for (const { vm } of guests) loop.set(vm);
    loop.start();
    await waitUntil(
      `each has had ${ROUNDS} turns`,
      () => guests.every(({ turns }) => turns.length >= ROUNDS),
      PATIENCE_MS,
    );
    const { skippedTurns, lateness } = loop.stats();
    const healthy = of('healthy');
    expect(healthy).toHaveLength(GUESTS * 0.93);
    expect(failuresOf(healthy)).toEqual(new Set(['ok']));
    expect(new Set(healthy.map(({ peer }) => peer?.accepted()))).toEqual(new Set([1]));
    // All at the same pace, unless this machine itself stood still.
    const counts = healthy.map(({ turns }) => turns.length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1 + skippedTurns);
    expect(lateness.count).toBeGreaterThanOrEqual(healthy.length * ROUNDS);
    // The bad ones are told apart, and left alone after a while.
    expect(failuresOf(of('refused'))).toEqual(new Set(['unreachable', 'backing_off']));
    expect(failuresOf(of('garbage'))).toEqual(new Set(['malformed', 'backing_off']));
    for (const kind of ['silent', 'dripping'] as const) {
      const seen = failuresOf(of(kind));
      expect(seen).toContain('timeout');
      seen.delete('timeout');
      seen.delete('busy');
      seen.delete('backing_off');
      expect(seen).toEqual(new Set());
    }
    expect(problems).toEqual([]);
  } finally {
    await loop.stop();
    await puller.stop();
    deadlines.stop();
  }
  await waitUntil('every connection is closed', () => guests.every(({ peer }) => !peer?.open()));
  expect([gate.connecting(), gate.waiting()]).toEqual([0, 0]);
});
