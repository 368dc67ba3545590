/** The agent on a unix socket (how vsock reaches it), and on IPv6. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorBodySchema, healthSchema } from '@innkeeper/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  AGENT_BUILDS,
  runAgent,
  startAgent,
  type AgentOptions,
  type AgentProcess,
} from '../support/agent-process.ts';
import { ask } from '../support/http-client.ts';
import { waitUntil } from '../support/wait-until.ts';

describe.each(AGENT_BUILDS)('$name', (build) => {
  const makeSocketPath = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'agent-socket-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return join(folder, 'agent.sock');
  };

  const start = async (options: Omit<AgentOptions, 'build'>): Promise<AgentProcess> => {
    const agent = await startAgent({ build, ...options });
    onTestFinished(async () => void (await agent.kill()));
    return agent;
  };

  test('serves on its unix socket, which only its own user may open', async () => {
    const socketPath = makeSocketPath();
    const agent = await start({ args: ['--socket', socketPath] });
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    healthSchema.parse((await ask({ socketPath }, '/health')).json());
    expect((await ask(agent.address, '/health')).status).toBe(200);
    const listening = agent.log().map(({ fields }) => fields['address']);
    expect(listening).toContain(`unix:${socketPath}`);
  });

  test('a peer on the unix socket is not taken for loopback', async () => {
    const socketPath = makeSocketPath();
    await start({ args: ['--socket', socketPath] });
    const reply = await ask({ socketPath }, '/info');
    expect(reply.status).toBe(403);
    expect(errorBodySchema.parse(reply.json()).error.code).toBe('not_enrolled');
  });

  const proxy = '/lib/systemd/systemd-socket-proxyd';
  const activate = '/usr/bin/systemd-socket-activate';
  const hasProxy = existsSync(proxy) && existsSync(activate);

  test('is reached through the proxy of systemd, which a guest has behind its vsock', async (context) => {
    if (!hasProxy) context.skip('there is no systemd here: apt-get install systemd');
    const socketPath = makeSocketPath();
    await start({ args: ['--socket', socketPath] });
    const outside = makeSocketPath();
    const child = spawn(activate, ['-l', outside, proxy, socketPath], {
      stdio: 'ignore',
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    });
    await waitUntil('it listens', () => existsSync(outside));
    healthSchema.parse((await ask({ socketPath: outside }, '/health')).json());
    // Whoever comes that way is no program of this machine, as far as anybody can tell.
    expect((await ask({ socketPath: outside }, '/info')).status).toBe(403);
  });

  test('the socket file is gone after a stop', async () => {
    const socketPath = makeSocketPath();
    const agent = await start({ args: ['--socket', socketPath] });
    expect(existsSync(socketPath)).toBe(true);
    await agent.stop();
    expect(existsSync(socketPath)).toBe(false);
  });

  test('a socket file that a killed agent left behind does not prevent the next start', async () => {
    const socketPath = makeSocketPath();
    const killed = await start({ args: ['--socket', socketPath] });
    await killed.kill();
    expect(existsSync(socketPath)).toBe(true);
    await start({ args: ['--socket', socketPath] });
    healthSchema.parse((await ask({ socketPath }, '/health')).json());
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });

  test('a socket on which somebody listens is not taken away', async () => {
    const socketPath = makeSocketPath();
    await start({ args: ['--socket', socketPath] });
    const second = await runAgent({
      build,
      args: ['--listen', '127.0.0.1:0', '--socket', socketPath],
    });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/guest-agent: cannot listen: [^\n]+\n$/u);
    expect(second.stderr).toContain(socketPath);
    expect((await ask({ socketPath }, '/health')).status).toBe(200);
  });

  test('a file that is no socket is left as it is', async () => {
    const socketPath = makeSocketPath();
    writeFileSync(socketPath, 'precious');
    const ended = await runAgent({
      build,
      args: ['--listen', '127.0.0.1:0', '--socket', socketPath],
    });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(socketPath);
    expect(readFileSync(socketPath, 'utf8')).toBe('precious');
  });

  test('a folder that is not there ends the start with a sentence', async () => {
    const socketPath = join(makeSocketPath(), 'nested.sock');
    const ended = await runAgent({
      build,
      args: ['--listen', '127.0.0.1:0', '--socket', socketPath],
    });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(socketPath);
  });

  const hasIpv6 = networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6') === true;

  test('serves on an IPv6 address, and says so in the form of a URL', async (context) => {
    if (!hasIpv6) context.skip('this machine has no IPv6 loopback');
    const agent = await start({ args: ['--listen', '[::1]:0'] });
    const reply = await ask({ host: '::1', port: agent.port }, '/info');
    expect(reply.status).toBe(200);
    expect(agent.log()[0]?.fields['address']).toBe(`http://[::1]:${agent.port}`);
  });

  test('on [::] an IPv4 peer on loopback counts as loopback', async (context) => {
    if (!hasIpv6) context.skip('this machine has no IPv6 loopback');
    const agent = await start({ args: ['--listen', '[::]:0'] });
    for (const host of ['::1', '127.0.0.1', '127.1.2.3']) {
      expect((await ask({ host, port: agent.port }, '/info')).status, host).toBe(200);
    }
  });
});
