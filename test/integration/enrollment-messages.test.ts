/** The manager's side of enrolment, asked by agents made by hand: forged, old and odd messages. */
import {
  enrollmentCreatedSchema,
  errorBodySchema,
  type EnrollmentCreated,
} from '@innkeeper/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AGENT_BUILDS, type AgentProcess } from '../support/agent-process.ts';
import {
  configOf,
  enrolmentEventsOf,
  enrollmentOf,
  makeRegisteredGuest,
  makeToken,
  startEnrolling,
  untilStatus,
} from '../support/enrolment.ts';
import { answerIn, makeHandMadeAgent, postFrom } from '../support/hand-made-agent.ts';
import type { HttpReply } from '../support/http-client.ts';
import type { ManagerProcess } from '../support/manager-process.ts';
import { createVm, expectStatus, listHosts, listVms } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

let db: TestDatabase;
let manager: ManagerProcess;
let created: EnrollmentCreated;
let vms = 0;
/** Who fails is counted by address: each test has its own. */
let from = '';
beforeAll(async () => {
  db = await createTestDatabase();
  manager = await startEnrolling({ databaseUrl: db.url });
}, 60_000);
beforeEach(async () => {
  vms += 1;
  from = `203.0.113.${vms}`;
  const vm = await createVm(manager, { name: `by hand ${vms}` });
  created = await makeToken(manager, vm.id);
});
afterAll(async () => {
  await manager.stop();
  await db.drop();
});

const codeIn = (reply: HttpReply): string =>
  reply.status === 200
    ? '200'
    : `${reply.status} ${errorBodySchema.parse(reply.json()).error.code}`;

const enroll = async (body: unknown): Promise<HttpReply> =>
  postFrom(manager, from, '/v1/enroll', body);
const report = async (body: unknown, vmId = created.vm_id): Promise<HttpReply> =>
  postFrom(manager, from, `/v1/agents/${vmId}/address`, body);
const keyOf = ({ manager_keys: [key = ''] }: EnrollmentCreated): string => key;

describe('POST /v1/enroll', () => {
  test('takes a right message once, and the same one again with the same answer', async () => {
    const agent = makeHandMadeAgent();
    const body = agent.enrollBody(created);
    const answer = answerIn(expectStatus(await enroll(body), 200), keyOf(created));
    expect(answer).toMatchObject({
      result: 'registered',
      vm_id: created.vm_id,
      guest_ip: null,
      address_problem: { code: 'no_address' },
      manager_keys: created.manager_keys,
    });
    expect(codeIn(await enroll(body))).toBe('200');
    // Another key with the same token is another machine.
    expect(codeIn(await enroll(makeHandMadeAgent().enrollBody(created)))).toBe('403 token_used');
  });

  test('of many at once with one token lets one in', async () => {
    const bodies = Array.from({ length: 12 }, () => makeHandMadeAgent().enrollBody(created));
    const replies = await Promise.all(bodies.map(async (body) => enroll(body)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(replies.map(codeIn))).toEqual(new Set(['200', '403 token_used']));
    const told = (await enrolmentEventsOf(manager, created.vm_id)).map(({ kind }) => kind);
    expect(told.toSorted()).toEqual(['enrolled', 'enrollment_refused']);
  });

  test('gives nothing to whoever has seen a message and not the token', async () => {
    const seen = makeHandMadeAgent().enrollBody(created);
    const own = makeHandMadeAgent();
    const guessed = own.enrollBody({
      ...created,
      token: `${created.token.slice(0, 16)}${'x'.repeat(43)}`,
    });
    expect(codeIn(await enroll({ ...guessed, proof: seen['proof'] }))).toBe('403 token_unknown');
    expect(codeIn(await enroll(guessed))).toBe('403 token_unknown');
    expect(codeIn(await enroll({ ...seen, message: guessed['message'] }))).toBe(
      '403 token_unknown',
    );
    const unknown = own.enrollBody({ ...created, token: `ie_AAAAAAAAAAAA_${'x'.repeat(43)}` });
    const [one, other] = [await enroll(unknown), await enroll(guessed)];
    // Nobody learns which ids there are.
    expect(other.json()).toEqual(one.json());
  });

  test('refuses a message that its own key has not signed', async () => {
    const agent = makeHandMadeAgent();
    const body = agent.enrollBody(created);
    const forged = { ...body, signature: makeHandMadeAgent().enrollBody(created)['signature'] };
    expect(codeIn(await enroll(forged))).toBe('403 bad_signature');
    expect(codeIn(await enroll(body))).toBe('200');
  });

  test.each([
    ['no body', undefined],
    ['a list', []],
    [
      'a message that is no JSON',
      { message: '{{', proof: 'A'.repeat(43), signature: 'A'.repeat(86) },
    ],
    [
      'a message of something else',
      { message: '[1]', proof: 'A'.repeat(43), signature: 'A'.repeat(86) },
    ],
    ['a short signature', { message: '{}', proof: 'A'.repeat(43), signature: 'A' }],
    [
      'a field too many',
      { message: '{}', proof: 'A'.repeat(43), signature: 'A'.repeat(86), token: 'x' },
    ],
    [
      'a long message',
      { message: ' '.repeat(16_385), proof: 'A'.repeat(43), signature: 'A'.repeat(86) },
    ],
  ])('answers %s with what is accepted', async (_, body) => {
    expect(codeIn(await enroll(body))).toMatch(/^(?:400|422) /u);
  });

  test('takes no more than it should', async () => {
    const reply = await enroll({ message: 'x'.repeat(200_000) });
    expect(reply.status).toBe(413);
  });

  test.each([
    ['a NUL in its name', { hostname: 'a\u0000b' }],
    ['half a character', { hostname: '\ud800' }],
    ['an address that is none', { addresses: ['10.0.0.1/8'] }],
    [
      'too many addresses',
      { addresses: Array.from({ length: 65 }, (_, index) => `10.0.0.${index}`) },
    ],
    ['a negative counter', { counter: -1 }],
    ['a port that is none', { agent_port: 70_000 }],
    ['a key that is too short', { public_key: 'AAAA' }],
    ['another build', { build: 'other' }],
    ['no nonce', { nonce: undefined }],
  ])('refuses a signed message with %s', async (_, fields) => {
    expect(codeIn(await enroll(makeHandMadeAgent().enrollBody(created, fields)))).toBe(
      '422 invalid',
    );
    expect((await enrollmentOf(manager, created.vm_id)).state).toBe('waiting');
  });

  test('stops listening to a network that fails and fails', async () => {
    const agent = makeHandMadeAgent();
    const wrong = { ...created, token: `ie_AAAAAAAAAAAA_${'x'.repeat(43)}` };
    for (let count = 0; count < 20; count += 1) {
      expect(codeIn(await enroll(agent.enrollBody(wrong)))).toBe('403 token_unknown');
    }
    const reply = await enroll(agent.enrollBody(created));
    expect(codeIn(reply)).toBe('429 too_many_attempts');
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('the address of an agent', () => {
  test('is never one outside of the guests’ networks, nor the manager itself', async () => {
    const addresses = ['169.254.169.254', '8.8.8.8', '224.0.0.1', '::ffff:169.254.169.254'];
    const body = makeHandMadeAgent().enrollBody(created, { addresses });
    expect(answerIn(await enroll(body), keyOf(created))).toMatchObject({
      guest_ip: null,
      address_problem: { code: 'guest_ip_not_allowed' },
    });
    const own = { addresses: [manager.host], agent_port: manager.port, counter: 1 };
    const agent = makeHandMadeAgent();
    const again = await makeToken(manager, created.vm_id);
    expect(answerIn(await enroll(agent.enrollBody(again, own)), keyOf(created))).toMatchObject({
      guest_ip: null,
      address_problem: { code: 'guest_ip_not_allowed' },
    });
  });

  test('is not believed where nobody answers, and no other port is asked', async () => {
    const agent = makeHandMadeAgent();
    const elsewhere = { addresses: ['127.0.0.91'] };
    const answer = answerIn(await enroll(agent.enrollBody(created, elsewhere)), keyOf(created));
    expect(answer).toMatchObject({ guest_ip: null, address_problem: { code: 'not_reachable' } });
    const scan = { ...elsewhere, agent_port: 5432, counter: 1 };
    const scanned = answerIn(await report(agent.addressBody(created.vm_id, scan)), keyOf(created));
    expect(scanned).toMatchObject({
      guest_ip: null,
      address_problem: { code: 'not_reachable' },
    });
    const problem = scanned.result === 'registered' ? scanned.address_problem : null;
    expect(problem?.message).toContain('port 5432 is not the registered one');
  });

  test('is taken by its word where the message came from there', async () => {
    const agent = makeHandMadeAgent();
    from = '127.0.0.95';
    const facts = { addresses: ['127.0.0.92', from], agent_port: 18_080 };
    const answer = answerIn(await enroll(agent.enrollBody(created, facts)), keyOf(created));
    expect(answer).toMatchObject({ guest_ip: from, address_problem: null });
  });

  test('of another VM is taken over only by the agent that answers there', async () => {
    const guest = await makeRegisteredGuest(manager, '127.0.0.93');
    const place = { guest_ip: guest.host, agent_port: guest.port };
    const holder = await createVm(manager, { name: `holder ${vms}`, ...place });
    const [build] = AGENT_BUILDS;
    let agent: AgentProcess | undefined;
    try {
      if (build === undefined) throw new Error('there is no build');
      agent = await guest.start(build, configOf(await makeToken(manager, guest.vmId)));
      await untilStatus(guest, { state: 'enrolled', code: null });
      const now = await listVms(manager);
      expect(now.find(({ id }) => id === guest.vmId)?.guest_ip).toBe(guest.host);
      expect(now.find(({ id }) => id === holder.id)?.guest_ip).toBeNull();
    } finally {
      await agent?.stop();
      guest.remove();
    }
  });
});

describe('POST /v1/agents/:id/address', () => {
  test('played again has no effect, and is asked for a challenge', async () => {
    const agent = makeHandMadeAgent();
    await enroll(agent.enrollBody(created));
    const first = agent.addressBody(created.vm_id, { counter: 5, hostname: 'first' });
    expect(answerIn(await report(first), keyOf(created)).result).toBe('registered');
    const second = agent.addressBody(created.vm_id, { counter: 6, hostname: 'second' });
    expect(answerIn(await report(second), keyOf(created)).result).toBe('registered');
    expect(answerIn(await report(first), keyOf(created))).toMatchObject({
      result: 'behind',
      counter: 6,
    });
    expect((await enrollmentOf(manager, created.vm_id)).agent?.hostname).toBe('second');
  });

  test('with a counter that is behind counts with the challenge, once', async () => {
    const agent = makeHandMadeAgent();
    await enroll(agent.enrollBody(created, { counter: 9 }));
    const behind = answerIn(await report(agent.addressBody(created.vm_id)), keyOf(created));
    const challenge = behind.result === 'behind' ? behind.challenge : '';
    const wrong = agent.addressBody(created.vm_id, { challenge: 'A'.repeat(43) });
    expect(answerIn(await report(wrong), keyOf(created)).result).toBe('behind');
    const next = answerIn(await report(agent.addressBody(created.vm_id)), keyOf(created));
    const newest = next.result === 'behind' ? next.challenge : '';
    // Each takes the place of the one before.
    const old = agent.addressBody(created.vm_id, { challenge });
    expect(answerIn(await report(old), keyOf(created)).result).toBe('behind');
    const last = answerIn(await report(agent.addressBody(created.vm_id)), keyOf(created));
    expect(newest).not.toBe(challenge);
    const good = agent.addressBody(created.vm_id, {
      challenge: last.result === 'behind' ? last.challenge : '',
      counter: 10,
    });
    expect(answerIn(await report(good), keyOf(created)).result).toBe('registered');
    expect(answerIn(await report(good), keyOf(created)).result).toBe('behind');
  });

  test('knows who is enrolled, and whose key it is', async () => {
    const agent = makeHandMadeAgent();
    expect(codeIn(await report(agent.addressBody(created.vm_id)))).toBe('404 unknown_agent');
    await enroll(agent.enrollBody(created));
    const stranger = makeHandMadeAgent();
    expect(codeIn(await report(stranger.addressBody(created.vm_id)))).toBe('403 key_replaced');
    const forged = agent.enrollBody(created);
    const { message, signature } = forged;
    expect(codeIn(await report({ message, signature }))).toMatch(/^4\d\d /u);
    expect(codeIn(await report(agent.addressBody('another-one')))).toBe('422 invalid');
  });

  test('says that a key is used by two VMs', async () => {
    const agent = makeHandMadeAgent();
    await enroll(agent.enrollBody(created));
    const other = await createVm(manager, { name: `second of ${vms}` });
    const body = agent.enrollBody(await makeToken(manager, other.id));
    expect(codeIn(await enroll(body))).toBe('409 cloned');
    expect((await enrollmentOf(manager, other.id)).state).toBe('waiting');
  });
});

test('an agent of a deleted VM is unknown, and its token too', async () => {
  const agent = makeHandMadeAgent();
  await enroll(agent.enrollBody(created));
  const other = await createVm(manager, { name: `to go ${vms}` });
  const token = await makeToken(manager, other.id);
  for (const id of [created.vm_id, other.id]) {
    expectStatus(await manager.ask(`/v1/vms/${id}`, { method: 'DELETE' }), 204);
  }
  expect(codeIn(await report(agent.addressBody(created.vm_id)))).toBe('404 unknown_agent');
  expect(codeIn(await enroll(makeHandMadeAgent().enrollBody(token)))).toBe('403 token_unknown');
});

test('a host is enrolled in the same way, and its address registered', async () => {
  const json = { name: `host ${vms}`, address: '127.0.0.94', agent_port: 19_090 };
  const made = expectStatus(await manager.ask('/v1/hosts', { method: 'POST', json }), 201);
  const host = (await listHosts(manager)).find(({ name }) => name === json.name);
  if (host === undefined) throw new Error(`there is no host: ${made.text}`);
  const path = `/v1/hosts/${host.id}/enrollment`;
  const token = enrollmentCreatedSchema.parse((await manager.ask(path, { method: 'POST' })).json());
  expect(token.vm_id).toBe(host.agent_id);
  expect(token.command).toContain('--role host');
  const agent = makeHandMadeAgent();
  from = '127.0.0.96';
  const facts = { addresses: [from], agent_port: 19_091 };
  const answer = answerIn(await enroll(agent.enrollBody(token, facts)), keyOf(token));
  expect(answer).toMatchObject({ guest_ip: from, address_problem: null });
  await waitUntil('its place is another', async () =>
    (await listHosts(manager)).some(
      ({ id, agent_port: port }) => id === host.id && port === 19_091,
    ),
  );
  const reply = await manager.ask(path);
  expect(reply.json()).toMatchObject({ state: 'enrolled', agent: { hostname: 'by-hand' } });
});

test('the token is in no answer, audit or log but the one that made it', async () => {
  const secret = created.token.slice(-43);
  await enroll(makeHandMadeAgent().enrollBody(created));
  const seen = await Promise.all(
    ['/v1/audit', `/v1/vms/${created.vm_id}`, `/v1/vms/${created.vm_id}/enrollment`].map(
      async (path) => (await manager.ask(path)).text,
    ),
  );
  expect(seen.join()).toContain('enrollment.create');
  expect(`${seen.join()} ${manager.stderr()}`).not.toContain(secret);
});
