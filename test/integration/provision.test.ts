/** What the agent does for provisioning: scripts of the guest's own, and nothing twice that is once. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorBodySchema, executionResultSchema, provisionListSchema } from '@innkeeper/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AGENT_BUILDS, type AgentBuild } from '../support/agent-process.ts';
import { startEnrolled, type EnrolledAgent } from '../support/enrolled-agent.ts';
import type { HttpReply } from '../support/http-client.ts';
import { makeManagerKey } from '../support/manager-key.ts';

const problemIn = (reply: HttpReply): string => {
  const { error } = errorBodySchema.parse(reply.json());
  return `${reply.status} ${error.code}: ${error.message}`;
};

describe.each(AGENT_BUILDS)('$name', (build: AgentBuild) => {
  const manager = makeManagerKey();
  let root = '';
  let guest: EnrolledAgent;
  const start = async (): Promise<EnrolledAgent> =>
    startEnrolled({
      build,
      manager,
      config: { provision_dir: join(root, 'provision.d'), state_dir: join(root, 'state') },
    });
  const stop = async (): Promise<void> => {
    expect(await guest.agent.stop()).toStrictEqual({ code: 0, signal: null });
  };

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'provision-'));
    guest = await start();
  });
  afterEach(() => rmSync(join(root, 'ran'), { force: true }));
  afterAll(async () => {
    await stop();
    rmSync(root, { recursive: true, force: true });
  });

  const script = (exitCode: number): string => `echo ran >>${root}/ran; exit ${exitCode}`;
  const ran = (): string => readFileSync(join(root, 'ran'), 'utf8');
  const once = async (key: string, more: Readonly<Record<string, unknown>>): Promise<HttpReply> =>
    guest.ask('POST', '/exec', { script: script(0), once: { key }, ...more });

  test('lists the scripts of the guest', async () => {
    mkdirSync(join(root, 'provision.d'), { mode: 0o755 });
    chmodSync(join(root, 'provision.d'), 0o755);
    writeFileSync(join(root, 'provision.d/10-base'), 'echo base', { mode: 0o644 });
    writeFileSync(join(root, 'provision.d/20-open.every-boot'), '');
    chmodSync(join(root, 'provision.d/20-open.every-boot'), 0o666);
    const list = provisionListSchema.strict().parse((await guest.ask('GET', '/provision')).json());
    expect(list.scripts).toMatchObject([
      { name: '10-base', when: 'first_boot', refused: null },
      {
        name: '20-open.every-boot',
        when: 'every_boot',
        refused: 'others than its owner may write to the file',
      },
    ]);
  });

  test('begins nothing twice under one key, also after a restart', async () => {
    const first = executionResultSchema.parse((await once('a.b', { id: 'one' })).json());
    expect(first.exit_code).toBe(0);
    // The same request is the same execution, and no second one.
    expect((await once('a.b', { id: 'one' })).status).toBe(200);
    expect(problemIn(await once('a.b', { id: 'two' }))).toContain('409 already_done');
    await stop();
    guest = await start();
    expect(problemIn(await once('a.b', { id: 'three' }))).toContain('409 already_done');
    expect(ran()).toBe('ran\n');
    expect(statSync(join(root, 'state/provisioned/a.b')).mode & 0o777).toBe(0o600);
    const mark: unknown = JSON.parse(readFileSync(join(root, 'state/provisioned/a.b'), 'utf8'));
    expect(mark).toMatchObject({ execution_id: 'one', exit_code: 0 });
  });

  test('says how it ended, and begins again where that is asked for', async () => {
    await once('failing', { script: script(7) });
    expect(problemIn(await once('failing', {}))).toMatch(/409 already_begun: .* ended with 7$/u);
    expect((await once('failing', { once: { key: 'failing', again: true } })).status).toBe(200);
    expect(problemIn(await once('failing', {}))).toContain('409 already_done');
    expect(ran()).toBe('ran\nran\n');
  });

  test('does not know how a command ended that a kill of the agent has cut off', async () => {
    const stream = await guest.exec({ script: 'sleep 600', once: { key: 'killed' }, id: 'killed' });
    await stream.until('it has started', () => stream.events.length > 0);
    await guest.agent.kill();
    await stream.closed;
    const [started] = stream.events;
    if (started?.name === 'started') process.kill(-started.data.pid, 'SIGKILL');
    guest = await start();
    expect(problemIn(await once('killed', {}))).toMatch(/already_begun: .* is not known$/u);
  });

  test('notes nothing of what could not start', async () => {
    expect((await once('absent', { script: undefined, argv: ['/nonexistent'] })).status).toBe(422);
    expect((await once('absent', {})).status).toBe(200);
  });

  test('runs nothing where it cannot note it', async () => {
    writeFileSync(join(root, 'state/provisioned/x'), '');
    const elsewhere = await startEnrolled({
      build,
      config: { state_dir: join(root, 'state/provisioned/x/y') },
    });
    const body = { script: script(0), once: { key: 'z' } };
    expect(problemIn(await elsewhere.ask('POST', '/exec', body))).toContain('503 no_state');
    expect((await elsewhere.ask('POST', '/exec', { script: 'exit 0' })).status).toBe(200);
    await elsewhere.agent.stop();
    expect(() => ran()).toThrow('ENOENT');
  });
});
