/** Agents of both builds under a restart loop: what a manager's order to update makes of them. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { agentUpdateSchema, type AgentUpdate } from '@innkeeper/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BUILD_KINDS, type BuildKind } from '../support/agent-versions.ts';
import { ask, type HttpReply } from '../support/http-client.ts';
import { bearer, bindingOf, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { superviseAgent, type SupervisedAgent } from '../support/supervised-agent.ts';
import { waitUntil } from '../support/wait-until.ts';

const VM_ID = 'vm-1';
const OLD = '1.4.0';
const NEW = '1.5.0';
const LONG_MS = 30_000;
const key = makeManagerKey();

/** What the manager serves, and whether it ends in the middle. */
let served: { readonly content: Uint8Array; readonly until?: number };
let manager: Server;
let managerUrl = '';
const asked: string[] = [];
beforeAll(async () => {
  manager = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { content, until } = served;
    response.writeHead(200, { 'content-length': content.length });
    if (until === undefined) response.end(content);
    else response.write(content.subarray(0, until), () => response.destroy());
  });
  await new Promise<void>((resolve) => {
    manager.listen(0, '127.0.0.1', resolve);
  });
  const address = manager.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  managerUrl = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  manager.closeAllConnections();
  await new Promise((resolve) => {
    manager.close(resolve);
  });
});

const agents: SupervisedAgent[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map(async (agent) => agent.stop()));
});

const manifestOf = (artefact: string, content: Uint8Array, version: string): string => {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const artefacts = [{ name: artefact, bytes: content.length, sha256 }];
  return JSON.stringify({ format: 'innkeeper artefacts 1', version, artefacts });
};

const tokenFor = (method: string, target: string, body: string, scope: string) => {
  const bound = method === 'GET' ? {} : bindingOf(method, target, body);
  return bearer(key.sign({ aud: VM_ID, scope, exp: secondsFromNow(60), sub: 'ann', ...bound }));
};

const sendOnce = async (
  { address }: SupervisedAgent,
  method: string,
  target: string,
  document?: unknown,
  scope = 'update',
): Promise<HttpReply> => {
  const body = document === undefined ? '' : JSON.stringify(document);
  const headers = tokenFor(method, target, body, scope);
  return ask(address, target, { method, headers, body });
};

/** A token for a change must be younger than the agent, whatever becomes of the clock. */
const send = async (...question: Parameters<typeof sendOnce>): Promise<HttpReply> => {
  let reply = await sendOnce(...question);
  await waitUntil('it takes the token', async () => {
    if (reply.status === 401) reply = await sendOnce(...question);
    return reply.status !== 401;
  });
  return reply;
};

const statusOf = async (agent: SupervisedAgent): Promise<AgentUpdate | undefined> => {
  try {
    const reply = await sendOnce(agent, 'GET', '/update');
    return reply.status === 200 ? agentUpdateSchema.parse(reply.json()) : undefined;
  } catch {
    // It is being started again.
    return undefined;
  }
};

const until = async (
  agent: SupervisedAgent,
  what: string,
  isSo: (status: AgentUpdate) => boolean,
): Promise<AgentUpdate> => {
  let last: AgentUpdate | undefined;
  try {
    await waitUntil(
      what,
      async () => {
        last = await statusOf(agent);
        return last !== undefined && isSo(last);
      },
      LONG_MS,
    );
  } catch (error) {
    throw new Error(`${JSON.stringify(last)}; it said: ${agent.stderr()}`, { cause: error });
  }
  if (last === undefined) throw new Error('no status');
  return last;
};

const install = async (
  kind: BuildKind,
  config: Readonly<Record<string, unknown>> = {},
  folder?: string,
) => {
  const agent = await superviseAgent({
    kind,
    program: await kind.make(OLD),
    ...(folder !== undefined && { folder }),
    config: () => ({
      vm_id: VM_ID,
      manager_keys: [makeManagerKey().publicKey, key.publicKey],
      manager_url: managerUrl,
      ...config,
    }),
  });
  agents.push(agent);
  await until(agent, 'it answers', ({ version }) => version === OLD);
  return agent;
};

const orderOf = (
  kind: BuildKind,
  content: Uint8Array,
  { version = NEW, ...more }: Readonly<Record<string, unknown>> & { version?: string } = {},
) => {
  const manifest = manifestOf(kind.artefact, content, version);
  const signature = key.signText(manifest);
  return { id: randomUUID(), manifest, signature, trial_seconds: 60, ...more };
};

const codeOf = (reply: HttpReply): string => {
  const { status } = reply;
  return `${status} ${/"code":"(?<code>\w+)"/u.exec(reply.text)?.groups?.['code'] ?? ''}`;
};

describe.each(BUILD_KINDS)('$name', (kind) => {
  test('becomes the new version, and keeps it once it is confirmed', async () => {
    const agent = await install(kind);
    const before = agent.installed();
    const content = await kind.make(NEW);
    served = { content };
    const order = orderOf(kind, content);
    expect((await send(agent, 'POST', '/update', order)).status).toBe(202);
    const trial = await until(agent, 'it is on trial', ({ version }) => version === NEW);
    expect(asked.at(-1)).toBe(`/download/${kind.artefact}`);
    expect(trial).toMatchObject({
      vm_id: VM_ID,
      artefact: kind.artefact,
      sha256: createHash('sha256').update(content).digest('hex'),
      attempt: { id: order.id, version: NEW, state: 'trial', problem: null },
    });
    expect(readdirSync(agent.folder).toSorted()).toEqual([
      kind.artefact,
      `${kind.artefact}.previous`,
      `${kind.artefact}.update`,
    ]);
    const confirmed = await send(agent, 'POST', '/update/confirm', { id: order.id });
    expect(confirmed.status).toBe(202);
    expect((await statusOf(agent))?.attempt?.state).toBe('confirmed');
    expect(existsSync(`${agent.file}.update`)).toBe(false);
    expect(agent.ends).toEqual([75]);
    agent.restart();
    const after = await until(agent, 'it is there again', () => agent.ends.length === 2);
    expect(after).toMatchObject({ version: NEW, attempt: null });
    expect(Buffer.compare(agent.installed(), content)).toBe(0);
    expect(Buffer.compare(before, await kind.make(OLD))).toBe(0);
  }, 60_000);

  test('is the old version again after the third start of one that does not stay', async () => {
    const agent = await install(kind);
    const content = await kind.make(NEW, 'crashes');
    served = { content };
    const order = orderOf(kind, content);
    expect((await send(agent, 'POST', '/update', order)).status).toBe(202);
    const back = await until(agent, 'it is back', ({ attempt }) => attempt?.state === 'returned');
    expect(back).toMatchObject({
      version: OLD,
      attempt: { id: order.id, version: NEW, problem: { code: 'did_not_stay' } },
    });
    // What it ends with when it puts the old one back is its own fault, too.
    expect(agent.ends.slice(0, 4)).toEqual([75, 3, 3, 3]);
    expect(agent.ends).toHaveLength(5);
    expect(Buffer.compare(agent.installed(), await kind.make(OLD))).toBe(0);
  }, 60_000);

  test('is the old version again where nobody confirms the new one', async () => {
    const agent = await install(kind);
    const content = await kind.make(NEW);
    served = { content };
    const order = orderOf(kind, content, { trial_seconds: 5 });
    expect((await send(agent, 'POST', '/update', order)).status).toBe(202);
    const back = await until(agent, 'it is back', ({ attempt }) => attempt?.state === 'returned');
    expect(back).toMatchObject({ version: OLD, attempt: { problem: { code: 'not_confirmed' } } });
    expect((await send(agent, 'POST', '/update/confirm', { id: order.id })).status).toBe(409);
  }, 60_000);

  test('is the old version again where the new one does not take its settings', async () => {
    const agent = await install(kind, { log_paths: '/var/log' });
    const content = Buffer.from(await kind.make(NEW));
    served = { content };
    expect((await send(agent, 'POST', '/update', orderOf(kind, content))).status).toBe(202);
    await until(agent, 'it is on trial', ({ version }) => version === NEW);
    agent.restart({ vm_id: VM_ID, manager_keys: [key.publicKey], nonsense: 1 });
    await waitUntil('the new one has ended', () => agent.ends.includes(78), LONG_MS);
    // Neither takes it, so the old one ends as it always did; but it is the old one that does.
    expect(agent.ends).toEqual([75, 0, 75, 78]);
    expect(Buffer.compare(agent.installed(), await kind.make(OLD))).toBe(0);
  }, 60_000);

  test('does not touch its program for what is not what was announced', async () => {
    const agent = await install(kind);
    const content = await kind.make(NEW);
    const before = agent.installed();
    const failures: (string | undefined)[] = [];
    const tryWith = async (order: ReturnType<typeof orderOf>): Promise<void> => {
      expect((await send(agent, 'POST', '/update', order)).status).toBe(202);
      const { attempt } = await until(
        agent,
        'it has failed',
        (status) => status.attempt?.id === order.id && status.attempt.state === 'failed',
      );
      failures.push(attempt?.problem?.code);
    };
    const other = Buffer.from(content);
    other.writeUInt8((other.at(-100) ?? 0) ^ 1, other.length - 100);
    served = { content: other };
    await tryWith(orderOf(kind, content));
    served = { content, until: 1000 };
    await tryWith(orderOf(kind, content));
    served = { content: Buffer.concat([content, Buffer.from('x')]) };
    await tryWith(orderOf(kind, content));
    const text = Buffer.from('#!/bin/sh\necho no\n');
    served = { content: text };
    await tryWith(orderOf(kind, text));
    served = { content };
    await tryWith(orderOf(kind, content, { version: '1.5.1' }));
    expect(failures).toEqual([
      'wrong_hash',
      'download',
      'download',
      'does_not_run',
      'does_not_run',
    ]);
    expect(Buffer.compare(agent.installed(), before)).toBe(0);
    expect(readdirSync(agent.folder)).toEqual([kind.artefact]);
    expect(agent.ends).toEqual([]);
  }, 60_000);

  test('refuses what it should not become, and says why', async () => {
    const agent = await install(kind);
    const content = await kind.make(NEW);
    const order = orderOf(kind, content);
    const answers: Record<string, string> = {};
    const note = async (name: string, body: unknown, scope?: string): Promise<void> => {
      answers[name] = codeOf(await send(agent, 'POST', '/update', body, scope));
    };
    const signedByOther = makeManagerKey().signText(order.manifest);
    await note('another key', { ...order, signature: signedByOther });
    await note('changed', { ...order, manifest: `${order.manifest} ` });
    await note('older', orderOf(kind, content, { version: '1.3.9' }));
    await note('no version', orderOf(kind, content, { version: 'latest' }));
    await note('another kind', orderOf({ ...kind, artefact: 'guest-agent-linux-z80' }, content));
    await note('unknown field', { ...order, force: true });
    await note('another scope', order, 'metrics logs exec files power');
    expect(answers).toEqual({
      'another key': '422 bad_signature',
      changed: '422 bad_signature',
      older: '409 downgrade',
      'no version': '409 downgrade',
      'another kind': '409 no_artefact',
      'unknown field': '422 invalid',
      'another scope': '403 forbidden',
    });
    const exec = JSON.stringify({ argv: ['sleep', '60'], id: 'long' });
    await ask(agent.address, '/exec', {
      method: 'POST',
      headers: { ...tokenFor('POST', '/exec', exec, 'exec'), accept: 'text/event-stream' },
      body: exec,
      timeoutMs: 1_000,
    }).catch(() => undefined);
    await note('while a command runs', order);
    expect(answers['while a command runs']).toBe('409 busy');
    expect((await statusOf(agent))?.attempt).toBeNull();
  }, 60_000);

  test('goes back to an older version where it is told to', async () => {
    const agent = await install(kind);
    const content = await kind.make('1.3.9');
    served = { content };
    const order = orderOf(kind, content, { version: '1.3.9', allow_downgrade: true });
    expect((await send(agent, 'POST', '/update', order)).status).toBe(202);
    await until(agent, 'it is older', ({ version }) => version === '1.3.9');
  }, 60_000);

  test('is not updated where its owner has not said so', async () => {
    const agent = await install(kind, { updates: 'off' });
    const content = await kind.make(NEW);
    const reply = await send(agent, 'POST', '/update', orderOf(kind, content));
    expect(codeOf(reply)).toBe('409 not_updatable');
    expect((await statusOf(agent))?.refusal?.code).toBe('not_updatable');
  }, 60_000);

  test('does not touch its program where the disk is full', async (context) => {
    const content = await kind.make(NEW);
    const old = await kind.make(OLD);
    // For the old program, the new one, and half of a copy.
    const disk = mountSmallDisk(old.length + content.length + old.length / 2);
    if (disk === undefined) return context.skip('this user may not mount a small disk');
    try {
      const agent = await install(kind, {}, disk.folder);
      served = { content };
      const order = orderOf(kind, content);
      expect((await send(agent, 'POST', '/update', order)).status).toBe(202);
      const failed = await until(agent, 'it says so', ({ attempt }) => attempt?.state === 'failed');
      expect(failed.attempt?.problem).toMatchObject({ code: 'cannot_write' });
      expect(failed.attempt?.problem?.message).toContain('ENOSPC');
      expect(Buffer.compare(agent.installed(), old)).toBe(0);
      expect(readdirSync(disk.folder)).toEqual([kind.artefact]);
      await agents.pop()?.stop();
    } finally {
      disk.remove();
    }
    return undefined;
  }, 60_000);

  test('is not updated where its folder is read-only, as in a closed unit', async (context) => {
    const content = await kind.make(NEW);
    const disk = mountSmallDisk(4 * content.length);
    if (disk === undefined) return context.skip('this user may not mount a small disk');
    try {
      const agent = await install(kind, {}, disk.folder);
      disk.makeReadOnly();
      const reply = await send(agent, 'POST', '/update', orderOf(kind, content));
      expect(codeOf(reply)).toBe('409 not_updatable');
      expect(reply.text).toContain('EROFS');
      await agents.pop()?.stop();
    } finally {
      disk.remove();
    }
    return undefined;
  }, 60_000);
});
