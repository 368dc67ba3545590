/** Against servers on loopback in the place of a host's agent. */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  httpAnswer,
  startPeer,
  type Answer,
  type Peer,
} from '../../../../test/support/pull-peers.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeTokenMinter } from '../keys/token-minter.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { makeConnectGate } from './connect-gate.ts';
import { makeDeadlines } from './deadlines.ts';
import { makeHostPuller, type PulledHost } from './host-puller.ts';

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const { privateKey } = generateKeyPairSync('ed25519');

const STATS = {
  boot_id: null,
  taken_at: 1,
  cpu_count: 8,
  memory_total_bytes: 1,
  host_cpu_usage_percent: null,
  vms: [],
  unmatched: [],
};
const GOOD = httpAnswer({ body: JSON.stringify(STATS) });

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

const start = async (answer: Answer, vms: readonly Pick<VmRecord, 'id' | 'vmm'>[] = []) => {
  const peer = await startPeer(answer);
  const deadlines = makeDeadlines(clock);
  const puller = makeHostPuller({
    vmsOf: (hostId) => (hostId === 'host-1' ? vms : []),
    mintToken: makeTokenMinter({ signingKey: () => privateKey, clock }),
    gate: makeConnectGate({ connecting: 4 }),
    deadlines,
    clock,
    keepAliveMs: 60_000,
  });
  cleanups.push(async () => {
    await puller.stop();
    deadlines.stop();
    await peer.close();
  });
  const host = hostAt(peer);
  const pull = async (changes?: Partial<PulledHost>) =>
    puller.pull({ ...host, ...changes }, clock.monotonicMs() + 5_000);
  return { peer, puller, pull };
};

const hostAt = (peer: Peer): PulledHost => ({
  id: 'host-1',
  address: peer.host,
  agentPort: peer.port,
  agentId: 'agent-1',
  tlsPin: undefined,
});

const says =
  (text: string): Answer =>
  (socket) =>
    void socket.write(text);

describe('a host', () => {
  test('is asked once for all of its VMs, with a token for its agent', async () => {
    const vms = [
      { id: 'vm-1', vmm: { kind: 'qemu', pid: 7 } },
      { id: 'vm-2', vmm: undefined },
    ] as const;
    const { peer, pull } = await start(says(GOOD), vms);
    const result = await pull();
    expect(result).toMatchObject({ ok: true, value: { stats: STATS, leftOut: 0 } });
    expect(peer.requests).toHaveLength(1);
    const [{ head, body } = { head: '', body: '' }] = peer.requests;
    expect(head).toMatch(/^POST \/metrics\/process-stats HTTP\/1\.1\r\n/u);
    expect(head).toMatch(/^content-type: application\/json$/mu);
    expect(JSON.parse(body)).toEqual({ vms: [{ vm_id: 'vm-1', pid: 7 }] });
    const payload = /^authorization: Bearer [^.]*\.([^.]*)/mu.exec(head)?.[1] ?? '';
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(claims).toMatchObject({ aud: 'agent-1', scope: 'host' });
  });

  test('with more locators than fit is asked for what fits, and it is said', async () => {
    const vms = Array.from({ length: 300 }, (_, index) => ({
      id: `vm-${index}`,
      vmm: { kind: 'qemu' as const, pidfile: `/${'x'.repeat(1500)}` },
    }));
    const { pull } = await start(says(GOOD), vms);
    const result = await pull();
    if (!result.ok) throw new Error(result.failure.message);
    expect(result.value.leftOut).toBeGreaterThan(100);
    expect(result.value.message).toMatch(new RegExp(`${result.value.leftOut} did not$`, 'u'));
  });

  test('is asked again over the same connection, until it moves or another agent is there', async () => {
    const { peer, puller, pull } = await start(says(GOOD));
    await pull();
    await pull();
    expect(peer.accepted()).toBe(1);
    await pull({ agentId: 'agent-2' });
    expect(peer.accepted()).toBe(2);
    await waitUntil('the first connection is closed', () => peer.open() === 1);
    puller.forget('host-1');
    await waitUntil('the second one too', () => peer.open() === 0);
  });

  test.each([
    ['no role host', httpAnswer({ status: '404 No' }), 'http'],
    ['another key', httpAnswer({ status: '401 No' }), 'unauthorized'],
    ['other JSON', httpAnswer({ body: '{"vms":[{"pid":"x"}]}' }), 'malformed'],
    ['no JSON', httpAnswer({ body: 'hello' }), 'malformed'],
    ['text', httpAnswer({ headers: { 'content-type': 'text/html' } }), 'malformed'],
  ])('with %s fails, and the message names its address', async (_, text, kind) => {
    const { peer, pull } = await start(says(text));
    const result = await pull();
    expect(result).toMatchObject({ ok: false, failure: { kind } });
    expect(!result.ok && result.failure.message).toContain(`127.0.0.1:${peer.port}: `);
  });
});
