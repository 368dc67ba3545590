import { errorBodySchema, healthSchema, processStatsSchema } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { makeFakeAgent } from '../testing/fake-agent.ts';
import { addVmm, QEMU } from '../testing/fake-hypervisor.ts';
import { REMOTE_PEER } from '../testing/make-request.ts';
import { makeManagerKey } from '../testing/manager-key.ts';
import { START_MS } from '../testing/fake-clock.ts';

const PATH = '/metrics/process-stats';

const makeHostAgent = async (change: Parameters<typeof makeFakeAgent>[0] = {}) =>
  makeFakeAgent({ roles: ['guest', 'host'], ...change }, (files) => {
    addVmm(files, { pid: 300, exe: QEMU, argv: [QEMU, '-name', 'web'] });
  });

const post = (document: unknown) => ({
  method: 'POST',
  body: typeof document === 'string' ? document : JSON.stringify(document),
});

describe(PATH, () => {
  it('answers a GET and a POST, as the schema has it', async () => {
    const { ask } = await makeHostAgent();
    const got = await ask(PATH);
    expect(got.status).toBe(200);
    expect(processStatsSchema.parse(JSON.parse(got.body))).toMatchObject({
      vms: [{ pid: 300, name: 'web', vm_id: null }],
    });
    const posted = await ask(
      PATH,
      post({
        vms: [
          { vm_id: 'a', pid: 300 },
          { vm_id: 'b', pid: 1 },
        ],
      }),
    );
    expect(processStatsSchema.parse(JSON.parse(posted.body))).toMatchObject({
      vms: [{ pid: 300, vm_id: 'a' }],
      unmatched: [{ vm_id: 'b', reason: 'absent' }],
    });
  });

  it('reads the proportional memory when it is asked to', async () => {
    const { ask } = await makeHostAgent();
    const { body } = await ask(PATH, post({ vms: [], pss: true }));
    expect(processStatsSchema.parse(JSON.parse(body))).toMatchObject({
      vms: [{ memory: { pss_bytes: 2_097_152, pss_at: START_MS } }],
    });
  });

  it.each([
    ['{', 400, 'malformed_request', 'JSON'],
    ['', 400, 'malformed_request', 'JSON'],
    [{}, 422, 'invalid', 'vms'],
    [{ vms: [{ vm_id: 'a', pid: 0 }] }, 422, 'invalid', 'vms[0].pid'],
  ])('answers %j with %i', async (document, status, code, word) => {
    const { ask } = await makeHostAgent();
    const answer = await ask(PATH, post(document));
    expect(answer.status).toBe(status);
    const { error } = errorBodySchema.parse(JSON.parse(answer.body));
    expect(error.code).toBe(code);
    expect(error.message).toContain(word);
  });

  it('takes the locators of several hundred VMs', async () => {
    const { ask } = await makeHostAgent();
    const path = `/run/${'x'.repeat(100)}`;
    const vms = Array.from({ length: 500 }, (_, index) => ({
      vm_id: `vm-${index}`,
      pid: 1000 + index,
      metrics_fifo: path,
      qmp_socket: path,
    }));
    const answer = await ask(PATH, post({ vms }));
    expect(processStatsSchema.parse(JSON.parse(answer.body)).unmatched).toHaveLength(500);
  });

  it('is not there without the role host, and says what is missing', async () => {
    const { ask } = await makeFakeAgent();
    for (const options of [{}, post({ vms: [] })]) {
      const answer = await ask(PATH, options);
      expect(answer.status).toBe(404);
      expect(errorBodySchema.parse(JSON.parse(answer.body)).error.message).toContain('--role host');
    }
  });

  it('is for loopback alone before enrolment', async () => {
    const { ask } = await makeHostAgent();
    expect((await ask(PATH, { peer: REMOTE_PEER })).status).toBe(403);
    expect((await ask(PATH, { ...post({ vms: [] }), peer: REMOTE_PEER })).status).toBe(403);
  });

  it('needs a token of the scope host once enrolled, also from loopback', async () => {
    const manager = makeManagerKey();
    const { ask } = await makeHostAgent({ vmId: 'host-1', managerKeys: [manager.publicKey] });
    const token = (scope: string): Readonly<Record<string, string>> => ({
      Authorization: `Bearer ${manager.mint({ aud: 'host-1', scope, exp: START_MS / 1000 + 60 })}`,
    });
    expect((await ask(PATH)).status).toBe(401);
    expect((await ask(PATH, { headers: token('metrics') })).status).toBe(403);
    const options = { ...post({ vms: [] }), headers: token('host'), peer: REMOTE_PEER };
    expect((await ask(PATH, options)).status).toBe(200);
    expect((await ask(PATH, options)).status).toBe(200);
  });

  it('takes no other method and no parameters', async () => {
    const { ask } = await makeHostAgent();
    expect((await ask(PATH, { method: 'PUT' })).status).toBe(405);
    expect((await ask(`${PATH}?pss=true`)).status).toBe(422);
  });

  it('answers 503 where /proc cannot be listed', async () => {
    const { ask, files } = await makeHostAgent();
    files.fail('/proc/', 'EACCES');
    const answer = await ask(PATH);
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('EACCES');
  });

  it('stops with the agent', async () => {
    const { agent, ask, clock, files } = await makeHostAgent();
    await ask(PATH);
    await agent.stop(0);
    expect(clock.pendingTimers()).toBe(0);
    const reads = files.readCount('/proc/300/stat');
    clock.advance(120_000);
    expect(files.readCount('/proc/300/stat')).toBe(reads);
  });

  it.each([
    [['guest'], false],
    [['host'], true],
    [['guest', 'host'], true],
  ] as const)('is told by /health of an agent with the roles %j: %s', async (roles, expected) => {
    const { ask } = await makeFakeAgent({ roles });
    const health = healthSchema.parse(JSON.parse((await ask('/health')).body));
    expect(health.roles).toEqual(roles);
    expect(health.capabilities.includes('process-stats')).toBe(expected);
  });
});
