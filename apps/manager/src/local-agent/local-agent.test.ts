/** With small programs in the place of the agent: what counts here is their life. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { findAdoptable, noteBuild } from './adoptable-agent.ts';
import { writeAgentConfig } from './agent-config.ts';
import { findLeftOver } from './left-over.ts';
import { startLocalAgent, type LocalAgent } from './local-agent.ts';

const folders: string[] = [];
const agents: LocalAgent[] = [];

afterEach(async () => {
  await Promise.all(agents.splice(0).map(async (agent) => agent.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const start = (content: string, name = 'agent.mjs') => {
  const folder = mkdtempSync(join(tmpdir(), 'local-agent-'));
  folders.push(folder);
  const program = join(folder, name);
  const configPath = join(folder, 'local-agent.json');
  const marks = join(folder, 'marks');
  writeFileSync(program, content, { mode: 0o755 });
  writeFileSync(marks, '');
  const lines: string[] = [];
  const write = (message: string, fields: unknown) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const run = (adopted?: number): LocalAgent => {
    const agent = startLocalAgent({
      program,
      configPath,
      nodePath: process.execPath,
      environment: { MARKS: marks },
      adopted,
      log: { debug: write, info: write, warn: write, error: write },
      monotonicMs: () => performance.now(),
    });
    agents.push(agent);
    return agent;
  };
  const read = (): string => readFileSync(marks, 'utf8');
  return { run, program, configPath, lines, marks: read, marksPath: marks };
};

const LIVES = `
  import { appendFileSync } from 'node:fs';
  process.on('SIGTERM', () => { appendFileSync(process.env.MARKS, 'ended '); process.exit(0); });
  appendFileSync(process.env.MARKS, 'started ');
  setInterval(() => {}, 1000);
`;

describe('the agent of this machine', () => {
  test('is asked to end, and has ended when stop() settles', async () => {
    const { run, marks } = start(LIVES);
    const agent = run();
    await waitUntil('it runs', () => marks() === 'started ');
    await agent.stop();
    expect(marks()).toBe('started ended ');
    expect(agent.pid()).toBeUndefined();
  });

  test('runs without Node where it is no file for Node', async () => {
    const script = '#!/bin/sh\nprintf "started $1" >> "$MARKS"\nexec sleep 60\n';
    const { run, marks } = start(script, 'guest-agent-linux-x64');
    run();
    await waitUntil('it runs', () => marks() !== '');
    expect(marks()).toBe('started --config');
  });

  test('is started again when somebody kills it', async () => {
    const { run, marks, lines } = start(LIVES);
    const agent = run();
    await waitUntil('it runs', () => marks() === 'started ');
    process.kill(agent.pid() ?? 0, 'SIGKILL');
    await waitUntil('it runs again', () => marks() === 'started started ');
    expect(agent.restarts()).toBe(1);
    expect(lines.join('\n')).toContain('the local agent ended, starting it again');
  });

  test('is not started again when it refuses its configuration', async () => {
    const { run, lines } = start('process.exit(78)');
    const agent = run();
    await waitUntil('it is told', () =>
      lines.some((line) => line.startsWith('the local agent refuses its configuration')),
    );
    expect(agent.restarts()).toBe(0);
  });

  test('passes on what it says, shortened', async () => {
    const { run, lines } = start(
      `process.stderr.write('x'.repeat(5000) + '\\n'); setInterval(() => {}, 1000);`,
    );
    run();
    await waitUntil('it is heard', () => lines.some((line) => line.startsWith('local agent says')));
    expect(lines[0]?.length).toBeLessThan(1100);
  });

  test('of a manager that was killed is ended first', async () => {
    const { run, program, configPath, marks } = start(LIVES);
    const leftOver = spawn(process.execPath, [program, '--config', configPath], {
      env: { MARKS: '/dev/null' },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => leftOver.once('exit', (_, signal) => resolve(signal)));
    run();
    expect(await ended).toBe('SIGKILL');
    await waitUntil('the new one runs', () => marks() === 'started ');
  });

  const startLeftOver = (program: string, configPath: string, marks: string) => {
    const leftOver = spawn(process.execPath, [program, '--config', configPath], {
      env: { MARKS: marks },
      stdio: 'ignore',
    });
    return new Promise<number>((resolve) => {
      leftOver.once('spawn', () => resolve(leftOver.pid ?? 0));
    });
  };

  test('that was adopted goes on, and ends with the manager', async () => {
    const { run, program, configPath, marks, marksPath } = start(LIVES);
    const pid = await startLeftOver(program, configPath, marksPath);
    await waitUntil('it runs', () => marks() === 'started ');
    const agent = run(pid);
    expect(agent.pid()).toBe(pid);
    await agent.stop();
    expect(marks()).toBe('started ended ');
    expect(agent.pid()).toBeUndefined();
  });

  test('that was adopted is followed by another when it ends', async () => {
    const { run, program, configPath, marks, marksPath } = start(LIVES);
    const pid = await startLeftOver(program, configPath, marksPath);
    await waitUntil('it runs', () => marks() === 'started ');
    const agent = run(pid);
    process.kill(pid, 'SIGTERM');
    await waitUntil('another runs', () => marks() === 'started ended started ');
    expect(agent.pid()).not.toBe(pid);
  });

  test('is adopted only where a new one would be the same', async () => {
    const { program, configPath, marks, marksPath } = start(LIVES);
    const wanted = {
      vmId: 'an-id',
      managerKeys: ['AAAA'],
      managerUrl: 'http://127.0.0.1:8080',
      stateDir: '/nowhere',
    };
    const build = { configPath, program, nodePath: process.execPath };
    writeAgentConfig(configPath, { ...wanted, port: 4242 });
    noteBuild(build);
    expect(findAdoptable({ ...build, wanted })).toBeUndefined();
    const pid = await startLeftOver(program, configPath, marksPath);
    await waitUntil('it runs', () => marks() === 'started ');
    expect(findAdoptable({ ...build, wanted })).toStrictEqual({ pid, port: 4242 });
    const others = { ...wanted, managerKeys: ['BBBB'] };
    expect(findAdoptable({ ...build, wanted: others })).toBeUndefined();
    writeFileSync(program, `${LIVES}// another build`);
    expect(findAdoptable({ ...build, wanted })).toBeUndefined();
    process.kill(pid, 'SIGKILL');
    await waitUntil('it is gone', () => findLeftOver(configPath).length === 0);
  });
});

test('its configuration is readable by its owner only, and as the agent takes it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-agent-'));
  folders.push(folder);
  const path = join(folder, 'local-agent.json');
  writeAgentConfig(path, {
    vmId: 'an-id',
    managerKeys: ['AAAA'],
    managerUrl: 'http://127.0.0.1:8080',
    stateDir: '/var/state',
    port: 4242,
  });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toStrictEqual({
    listen: '127.0.0.1:4242',
    role: 'guest,host',
    log_level: 'warn',
    power: 'off',
    vm_id: 'an-id',
    manager_keys: ['AAAA'],
    manager_url: 'http://127.0.0.1:8080',
    state_dir: '/var/state',
  });
});
