/** How the agent ends: what is under way is finished, and nothing holds it for long. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { ask } from '../support/http-client.ts';
import { openRaw, type RawConnection } from '../support/raw-connection.ts';
import { waitUntil } from '../support/wait-until.ts';

/** What the agent gives requests that are under way; who waits for none of them ends before. */
const GRACE_MS = 4_000;
/** What may take a machine that does a lot besides; it fails only what hangs. */
const BUSY_MS = 10_000;

describe.each(AGENT_BUILDS)('$name', (build) => {
  const start = async (): Promise<AgentProcess> => {
    const agent = await startAgent({ build });
    onTestFinished(async () => void (await agent.kill()));
    return agent;
  };

  /** A request of which the agent has read the first line only. */
  const beginRequest = async (agent: AgentProcess): Promise<RawConnection> => {
    const raw = await openRaw(agent.address);
    onTestFinished(() => raw.destroy());
    raw.write('GET /health HTTP/1.1\r\n');
    // Its answer comes after the agent has seen the line above, which was sent before it.
    expect((await ask(agent.address, '/health')).status).toBe(200);
    return raw;
  };

  const sawStop = async (agent: AgentProcess): Promise<void> =>
    waitUntil('the agent says that it stops', () => agent.stderr().includes('"stopping"'));

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends an idle agent at once', async (name) => {
    const agent = await start();
    const began = Date.now();
    agent.signal(name);
    expect(await agent.exited).toStrictEqual({ code: 0, signal: null });
    expect(Date.now() - began).toBeLessThan(GRACE_MS);
    const [stopping] = agent.log().slice(-1);
    expect(stopping).toMatchObject({ message: 'stopping', fields: { reason: name } });
  });

  test('a request under way is answered before the agent ends', async () => {
    const agent = await start();
    const raw = await beginRequest(agent);
    const began = Date.now();
    agent.signal('SIGTERM');
    await sawStop(agent);
    await expect(ask(agent.address, '/health')).rejects.toThrow('ECONNREFUSED');
    raw.write('Host: localhost\r\n\r\n');
    const answer = await raw.closed();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/u);
    expect(answer).toContain('Connection: close');
    expect(answer).toContain('"status":"ok"');
    expect(await agent.exited).toStrictEqual({ code: 0, signal: null });
    expect(Date.now() - began).toBeLessThan(GRACE_MS);
  });

  test('a request that leads to an exception ends with it, and nothing else does', async () => {
    const agent = await start();
    const other = await beginRequest(agent);
    // Deeper than any stack.
    const body = '['.repeat(60_000);
    for (const path of ['/rpc', '/exec', '/metrics/process-stats']) {
      const { status } = await ask(agent.address, path, { method: 'POST', body });
      expect(status, path).toBeLessThan(500);
    }
    other.write('Host: localhost\r\nConnection: close\r\n\r\n');
    expect(await other.closed()).toContain('"status":"ok"');
    expect(agent.log().filter(({ level }) => level !== 'info')).toEqual([]);
  });

  test('a request that never ends does not hold the agent for ever', async () => {
    const agent = await start();
    await beginRequest(agent);
    const began = Date.now();
    agent.signal('SIGTERM');
    expect(await agent.exited).toStrictEqual({ code: 0, signal: null });
    expect(Date.now() - began).toBeLessThan(BUSY_MS);
  });

  test('a second signal ends the agent at once', async () => {
    const agent = await start();
    await beginRequest(agent);
    agent.signal('SIGTERM');
    await sawStop(agent);
    const began = Date.now();
    // What comes within 100 ms of the first one is the same request, so it is said until it is heard.
    const again = setInterval(() => agent.signal('SIGTERM'), 50);
    onTestFinished(() => clearInterval(again));
    expect(await agent.exited).toStrictEqual({ code: 130, signal: null });
    expect(Date.now() - began).toBeLessThan(GRACE_MS);
  });

  test('idle connections do not hold it', async () => {
    const agent = await start();
    const idle = await Promise.all(Array.from({ length: 20 }, async () => openRaw(agent.address)));
    const used = await openRaw(agent.address);
    used.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await used.waitFor(/"status":"ok"/u);
    const began = Date.now();
    agent.signal('SIGTERM');
    expect(await agent.exited).toStrictEqual({ code: 0, signal: null });
    expect(Date.now() - began).toBeLessThan(GRACE_MS);
    await Promise.all([used, ...idle].map(async (raw) => raw.closed()));
  });

  test('a reader of its log that is gone does not end it', async () => {
    const agent = await start();
    agent.closeStderr();
    agent.signal('SIGTERM');
    expect(await agent.exited).toStrictEqual({ code: 0, signal: null });
  });
});
