/** The manager behind nginx and Caddy, as docs/operations.md configures them. */
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { bundleOn, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { registerVm } from '../support/manager-api.ts';
import { publicKeysOf } from '../support/manager-keys-of.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { obtainCaddy, obtainNginx, SITE, startProxy, type Proxy } from '../support/proxies.ts';
import { waitUntil } from '../support/wait-until.ts';

const GUEST = '127.0.0.61';
/** Where the browser is; the proxy is at 127.0.0.1. */
const BROWSER = '127.0.0.62';
const START_MS = 60_000;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const readAll = async (answer: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return text;
};

let database: TestDatabase;
let manager: ManagerProcess;
let agent: AgentProcess;
let vmId = '';
const folder = mkdtempSync(join(tmpdir(), 'innkeeper-proxied-'));

beforeAll(async () => {
  database = await createTestDatabase();
  manager = await startManager({
    databaseUrl: database.url,
    port: await freePort(),
    variables: { INNKEEPER_PUBLIC_URL: `https://${SITE}` },
  });
  ({ id: vmId } = await registerVm(manager, { name: 'behind', guest_ip: GUEST }));
  agent = await startAgent({
    build: bundleOn(process.execPath),
    args: ['--listen', `${GUEST}:0`],
    config: { vm_id: vmId, manager_keys: await publicKeysOf(manager), log_paths: [folder] },
  });
  const json = { agent_port: agent.port };
  expect((await manager.ask(`/v1/vms/${vmId}`, { method: 'PATCH', json })).status).toBe(200);
}, START_MS);
afterAll(async () => {
  await agent.stop();
  await manager.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const nginx = await obtainNginx();
const caddy = await obtainCaddy();

test.for([
  ['nginx', nginx],
  ['Caddy', caddy],
] as const)('%s is there', ([, obtained], { skip }) => {
  if (!obtained.ok) return skip(`${obtained.reason}. To have it: ${obtained.install}`);
  expect(obtained.version).toMatch(/\d/u);
  return undefined;
});

const all = [
  { name: 'nginx', obtained: nginx },
  { name: 'caddy', obtained: caddy },
] as const;

describe.each(all.filter(({ obtained }) => obtained.ok))('behind $name', ({ name, obtained }) => {
  let proxy: Proxy;
  beforeAll(async () => {
    if (!obtained.ok) return;
    const port = await freePort();
    proxy = await startProxy(name, obtained.path, { port, managerPort: manager.port });
  }, START_MS);
  afterAll(async () => proxy.stop());

  /** As a browser does that knows the site by its name. */
  const ask = (
    path: string,
    { headers, method = 'GET' }: { method?: string; headers?: Record<string, string> } = {},
  ) => {
    return request({
      host: '127.0.0.1',
      port: proxy.port,
      localAddress: BROWSER,
      servername: SITE,
      ca: proxy.certificate,
      agent: false,
      path,
      headers: { host: SITE, authorization: `Bearer ${manager.adminToken}`, ...headers },
      method,
    });
  };
  const answerTo = async (sent: ReturnType<typeof ask>): Promise<IncomingMessage> => {
    sent.end();
    return new Promise((resolve, reject) => {
      sent.once('response', resolve).once('error', reject);
    });
  };

  test('the page comes', async () => {
    const answer = await answerTo(ask('/'));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(await readAll(answer)).toContain('<html');
  });

  test('a change from the site counts, and the audit has the address of the browser', async () => {
    const sent = ask('/v1/tokens', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: `https://${SITE}`,
        // Anybody can write that; the proxy knows better.
        'x-forwarded-for': '203.0.113.9',
      },
    });
    sent.write(JSON.stringify({ name: `by ${name}`, role: 'viewer' }));
    const answer = await answerTo(sent);
    expect([answer.statusCode, await readAll(answer)]).toMatchObject([201, expect.any(String)]);
    const schema = z.object({ items: z.array(z.looseObject({ remote_address: z.string() })) });
    const audit = schema.parse((await manager.ask('/v1/audit?limit=1')).json());
    expect(audit.items[0]?.remote_address).toBe(BROWSER);
  });

  test('a WebSocket opens', async () => {
    const sent = ask('/socket.io/?EIO=4&transport=websocket', {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        origin: `https://${SITE}`,
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('a key of 16 byte').toString('base64'),
      },
    });
    sent.end();
    let received = '';
    let status = 0;
    sent.once('upgrade', (answer, socket, head) => {
      onTestFinished(() => void socket.destroy());
      status = answer.statusCode ?? 0;
      received += head.toString('latin1');
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
      });
    });
    await waitUntil('the first frame has come', () => received.includes('"sid"'));
    expect(status).toBe(101);
  });

  test(
    'a log line comes when it is written, and is not held back',
    { timeout: START_MS },
    async () => {
      const logFile = join(folder, `${name}.log`);
      writeFileSync(logFile, 'the first line\n');
      const query = `source=${encodeURIComponent(`file:${logFile}`)}&tail=1`;
      const sent = ask(`/v1/vms/${vmId}/logs?${query}`);
      onTestFinished(() => void sent.destroy());
      const answer = await answerTo(sent);
      expect(answer.statusCode).toBe(200);
      let received = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        received += text;
      });
      await waitUntil('it is live', () => received.includes(' line'), 20_000);
      for (const number of [1, 2, 3]) {
        const line = `line ${number} behind ${name}`;
        appendFileSync(logFile, `${line}\n`);
        await waitUntil(`"${line}" has come`, () => received.includes(line), 20_000);
      }
    },
  );
});
