/** Between a manager and its agents nothing readable crosses the network. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { healthSchema, vmSchema, type Vm } from '@innkeeper/protocol';
import { z } from 'zod';
import { TLS_BUILDS, type AgentBuild, type AgentProcess } from '../support/agent-process.ts';
import {
  configOf,
  makeGuest,
  makeRegisteredGuest,
  makeToken,
  startEnrolling,
  untilStatus,
  type Guest,
} from '../support/enrolment.ts';
import { answerIn, makeHandMadeAgent } from '../support/hand-made-agent.ts';
import { ask } from '../support/http-client.ts';
import type { ManagerProcess } from '../support/manager-process.ts';
import { expectStatus, readingOf, untilReading } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startRecordingProxy } from '../support/recording-proxy.ts';
import { freePort } from '../support/service-process.ts';
import { makeTlsKey } from '../support/tls-key.ts';
import { waitUntil } from '../support/wait-until.ts';

type Config = Readonly<Record<string, unknown>>;

const ownAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

let db: TestDatabase;
let manager: ManagerProcess;
beforeAll(async () => {
  db = await createTestDatabase();
  manager = await startEnrolling({ databaseUrl: db.url });
}, 60_000);
afterAll(async () => {
  await manager.stop();
  await db.drop();
});

const releasers: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releasers.splice(0).reverse()) await release();
});

const vmOf = async (vmId: string): Promise<Vm> =>
  vmSchema.parse(expectStatus(await manager.ask(`/v1/vms/${vmId}`), 200).json());

const untilPinned = async (vmId: string, isPinned: boolean): Promise<Vm> => {
  let vm = await vmOf(vmId);
  await waitUntil(`the agent's key is ${isPinned ? 'known' : 'forgotten'}`, async () => {
    vm = await vmOf(vmId);
    return (vm.tls_pin !== null) === isPinned;
  });
  return vm;
};

const untilGuestAnswers = async (vmId: string): ReturnType<typeof readingOf> =>
  untilReading(manager, vmId, 'it is pulled', ({ origin }) => origin === 'guest', 20_000);

const moveTo = async (vmId: string, host: string, port: number): Promise<void> => {
  const json = { guest_ip: host, agent_port: port };
  const path = `/v1/vms/${vmId}/guest-ip`;
  expectStatus(await manager.ask(path, { method: 'POST', json }), 200);
};

const askTls = async (
  host: string,
  port: number,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const asked = request({ host, port, path, rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });

const healthOf = async (guest: Pick<Guest, 'address'>) =>
  healthSchema.parse((await ask(guest.address, '/health')).json());

describe.each(TLS_BUILDS)('$name', (build: AgentBuild) => {
  const start = async (guest: Guest, config: Config): Promise<AgentProcess> => {
    const agent = await guest.start(build, config);
    releasers.push(() => agent.stop());
    return agent;
  };
  const newGuest = async (host: string): Promise<Guest> => {
    const guest = await makeRegisteredGuest(manager, host);
    releasers.push(() => guest.remove());
    return guest;
  };
  const enrolledGuest = async (host: string, more: Config = {}) => {
    const guest = await newGuest(host);
    const config = { ...configOf(await makeToken(manager, guest.vmId)), ...more };
    const agent = await start(guest, config);
    await untilStatus(guest, { state: 'enrolled', code: null });
    return { guest, agent, config };
  };

  test('is known by its key when it is enrolled, and says that it insists on it', async () => {
    const { guest } = await enrolledGuest('127.0.0.81');
    const { tls_pin: pin } = await untilPinned(guest.vmId, true);
    expect(pin).toMatch(/^[\w-]{43}$/u);
    expect((await untilGuestAnswers(guest.vmId)).identity).toBe('verified');
    expect((await healthOf(guest)).tls).toBe('required');
    const state = readFileSync(join(guest.stateDir, 'state.json'), 'utf8');
    expect(state).toContain('"tls_private_key"');
  });

  test('shows nothing of what it is asked and answers to who listens on the way', async () => {
    const { guest } = await enrolledGuest('127.0.0.82', { file_prefixes: ['/proc/sys/kernel'] });
    await untilPinned(guest.vmId, true);
    const proxy = await startRecordingProxy({ host: '127.0.0.83', port: 0 }, guest);
    releasers.push(() => proxy.stop());
    await moveTo(guest.vmId, '127.0.0.83', proxy.port);
    await waitUntil('it is pulled through it', async () => {
      const { latest } = await vmOf(guest.vmId);
      return proxy.connections() > 0 && latest.origin === 'guest' && latest.age_ms < 2_000;
    });
    const path = `/v1/vms/${guest.vmId}`;
    for (const part of ['info', 'processes', 'logs?source=agent&follow=false']) {
      expectStatus(await manager.ask(`${path}/${part}`), 200);
    }
    const script = 'echo a-secret-that-is-printed';
    const run = await manager.ask(`${path}/exec`, { method: 'POST', json: { script } });
    const { run_id: runId } = z.object({ run_id: z.string() }).parse(expectStatus(run, 202).json());
    await waitUntil('the command has ended', async () =>
      (await manager.ask(`/v1/runs/${runId}`)).text.includes('"state":"finished"'),
    );
    expect(proxy.connections()).toBeGreaterThan(3);
    // Each begins with a handshake of TLS, and no word of HTTP is in any of it.
    for (const begin of proxy.begins()) expect(begin[0]).toBe(0x16);
    const seen = proxy.recorded();
    for (const word of ['HTTP/1.', 'Bearer', 'GET /', 'POST /', 'node_', 'cpu', guest.vmId]) {
      expect(seen, word).not.toContain(word);
    }
    expect(seen).not.toContain('a-secret-that-is-printed');
    expect(seen).not.toContain('eyJ');
  }, 30_000);

  test('is told apart from whoever has another key, who hears nothing', async () => {
    const { guest } = await enrolledGuest('127.0.0.84');
    await untilGuestAnswers(guest.vmId);
    const heard: Buffer[] = [];
    const { pem } = makeTlsKey();
    const sockets = new Set<TLSSocket>();
    const impostor = createServer(pem, (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => heard.push(bytes));
    });
    impostor.on('tlsClientError', () => undefined);
    const port = await freePort();
    await new Promise<void>((settle) => {
      impostor.listen(port, '127.0.0.85', settle);
    });
    releasers.push(async () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((settle) => {
        impostor.close(settle);
      });
    });
    await moveTo(guest.vmId, '127.0.0.85', port);
    await waitUntil('it is told', async () => {
      return (await vmOf(guest.vmId)).latest.reason === 'wrong_key';
    });
    const { message } = await readingOf(manager, guest.vmId);
    expect(message).toContain('has another TLS key than the agent has reported');
    expect(message).toContain('enrol it again');
    const asked = await manager.ask(`/v1/vms/${guest.vmId}/info`);
    expect(asked.status).toBe(502);
    expect(asked.text).toContain('agent_wrong_key');
    expect(heard).toEqual([]);
    await moveTo(guest.vmId, guest.host, guest.port);
    await untilReading(manager, guest.vmId, 'it is itself again', ({ reason }) => reason === null);
  }, 30_000);

  test('answers another machine over TLS only, and its own as ever', async ({ skip }) => {
    if (ownAddress === undefined) return skip('this machine has no address but loopback');
    const { guest, agent } = await enrolledGuest('0.0.0.0');
    await untilPinned(guest.vmId, true);
    await waitUntil('it insists', async () => (await healthOf(guest)).tls === 'required');
    const afar = { host: ownAddress, port: agent.port };
    for (const path of ['/health', '/metrics', '/info', '/none']) {
      const refused = await ask(afar, path);
      expect([path, refused.status]).toEqual([path, 403]);
      expect(refused.text).toContain('"tls_required"');
      expect([path, (await askTls(afar.host, afar.port, path)).status]).toEqual([path, 401]);
    }
    expect((await ask(agent.address, '/metrics')).status).toBe(200);
    const local = await askTls('127.0.0.1', agent.port, '/metrics');
    expect([local.status, local.text.includes('node_cpu_seconds_total')]).toEqual([200, true]);
    return undefined;
  });

  test('can be told not to encrypt, and to do it again, with the key that it had', async () => {
    const { guest, agent, config } = await enrolledGuest('127.0.0.86');
    const { tls_pin: pin } = await untilPinned(guest.vmId, true);
    await agent.stop();
    const plain = await start(guest, { ...config, tls: 'off' });
    await untilPinned(guest.vmId, false);
    expect((await healthOf(guest)).tls).toBe('off');
    await untilReading(manager, guest.vmId, 'it is pulled', ({ reason }) => reason === null);
    await plain.stop();
    await start(guest, { ...config, tls: 'auto' });
    expect((await untilPinned(guest.vmId, true)).tls_pin).toBe(pin);
    await untilReading(manager, guest.vmId, 'it is pulled', ({ reason }) => reason === null);
  }, 30_000);

  test('is another one when its folder was lost, and needs a new token', async () => {
    const { guest, agent, config } = await enrolledGuest('127.0.0.87');
    const { tls_pin: pin } = await untilPinned(guest.vmId, true);
    await untilGuestAnswers(guest.vmId);
    await agent.stop();
    const anew = await makeGuest(guest);
    releasers.push(() => anew.remove());
    // Its config is there still: it trusts its manager, and has no key and no token.
    const lost = await start(anew, { ...config, enrollment_token: undefined });
    await waitUntil('it is told', async () => {
      return (await vmOf(guest.vmId)).latest.reason === 'no_tls';
    });
    await lost.stop();
    await start(anew, configOf(await makeToken(manager, guest.vmId)));
    await waitUntil('it has another key', async () => {
      const { tls_pin: now } = await vmOf(guest.vmId);
      return now !== null && now !== pin;
    });
    await untilReading(manager, guest.vmId, 'it is pulled', ({ reason }) => reason === null);
  }, 30_000);
});

test('an agent from before there was TLS is enrolled, and asked plainly', async () => {
  const guest = await makeRegisteredGuest(manager, '127.0.0.88');
  releasers.push(() => guest.remove());
  const created = await makeToken(manager, guest.vmId);
  const agent = makeHandMadeAgent();
  const post = async (path: string, json: unknown) =>
    expectStatus(await manager.askAs(path, { method: 'POST', json }), 200);
  const [key = ''] = created.manager_keys;
  const pin = makeTlsKey().pin;
  const report = async (fields: Config) => {
    const path = `/v1/agents/${guest.vmId}/address`;
    return answerIn(await post(path, agent.addressBody(guest.vmId, fields)), key);
  };
  expect(answerIn(await post('/v1/enroll', agent.enrollBody(created)), key)).toMatchObject({
    result: 'registered',
    tls_pin: null,
  });
  expect((await vmOf(guest.vmId)).tls_pin).toBeNull();
  // It was upgraded, and tells it with its next message; and went back to what it was.
  expect(await report({ counter: 1, tls_pin: pin })).toMatchObject({ tls_pin: pin });
  expect((await vmOf(guest.vmId)).tls_pin).toBe(pin);
  expect(await report({ counter: 2 })).toMatchObject({ tls_pin: null });
  expect((await vmOf(guest.vmId)).tls_pin).toBeNull();
});
