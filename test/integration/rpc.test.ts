/** JSON-RPC and power over real transports: HTTP, and a port as virtio-serial has them. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  errorBodySchema,
  powerSchema,
  rpcResponseSchema,
  rpcResultSchemas,
} from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { obtainVirtioPort, openVirtioPort } from '../fakes/virtio-port/virtio-port.ts';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import { startEnrolled, type EnrolledAgent } from '../support/enrolled-agent.ts';
import { ask } from '../support/http-client.ts';
import { bearer, bindingOf, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { orSkip } from '../support/obtained.ts';
import { waitUntil } from '../support/wait-until.ts';

type Response = ReturnType<typeof rpcResponseSchema.parse>;

const errorOf = (response: Response): { code: number; message: string; data?: unknown } => {
  if (!('error' in response)) throw new Error(`no error: ${JSON.stringify(response)}`);
  return response.error;
};

const resultOf = <Value>(schema: { parse(value: unknown): Value }, response: Response): Value => {
  if (!('result' in response)) throw new Error(JSON.stringify(response));
  return schema.parse(response.result);
};

describe.each(AGENT_BUILDS)('$name', (build) => {
  const manager = makeManagerKey();
  let folder = '';
  let guest: EnrolledAgent;
  const at = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'agent-rpc-'));
    for (const name of ['shutdown', 'reboot']) {
      writeFileSync(at(`${name}.sh`), `#!/bin/sh\necho "$@" > ${at(`${name}.done`)}\n`);
      chmodSync(at(`${name}.sh`), 0o755);
    }
    guest = await startEnrolled({
      build,
      manager,
      config: {
        file_prefixes: [folder],
        power_commands: { shutdown: [at('shutdown.sh'), 'now'], reboot: [at('reboot.sh')] },
      },
    });
  });
  afterAll(async () => {
    expect(await guest.agent.stop()).toStrictEqual({ code: 0, signal: null });
    rmSync(folder, { recursive: true });
  });

  const post = async (message: unknown): Promise<unknown> => {
    const reply = await guest.ask('POST', '/rpc', message);
    expect(reply.status).toBe(200);
    return reply.json();
  };
  const call = async (method: string, params?: unknown): Promise<Response> =>
    rpcResponseSchema.parse(await post({ jsonrpc: '2.0', id: 7, method, params }));

  test('answers the five methods that tell', async () => {
    const ping = resultOf(rpcResultSchemas.ping, await call('ping'));
    expect(Math.abs(ping.timestamp - Date.now())).toBeLessThan(5_000);
    const agent = resultOf(rpcResultSchemas.get_agent_info, await call('get_agent_info', {}));
    expect(agent).toMatchObject({ protocol_version: '1.0', platform: 'linux' });
    expect(agent.capabilities).toContain('rpc');
    const system = resultOf(rpcResultSchemas.get_system_info, await call('get_system_info'));
    expect(system.hostname).toBe(hostname());
    expect(system.uptime_seconds).toBeGreaterThan(0);
    const network = resultOf(rpcResultSchemas.get_network_info, await call('get_network_info'));
    const loopback = network.interfaces.find(({ name }) => name === 'lo');
    expect(loopback?.ipv4_addresses).toContain('127.0.0.1');
    const disks = resultOf(rpcResultSchemas.get_disk_usage, await call('get_disk_usage'));
    for (const { total_bytes, used_percent } of disks.filesystems) {
      if (total_bytes !== null && total_bytes > 0) expect(used_percent).not.toBeNull();
    }
  });

  test('runs a command, and says how it failed', async () => {
    const params = { command: 'sh', args: ['-c', 'echo out; echo err >&2; pwd; exit 3'] };
    const done = await call('exec_command', { ...params, working_directory: '/usr' });
    expect(resultOf(rpcResultSchemas.exec_command, done)).toMatchObject({
      exit_code: 3,
      signal: null,
      stdout: 'out\n/usr\n',
      stderr: 'err\n',
    });
    const quiet = await call('exec_command', { ...params, capture_output: false });
    expect(resultOf(rpcResultSchemas.exec_command, quiet)).toMatchObject({
      exit_code: 3,
      stdout: '',
      stderr: '',
    });
    const late = errorOf(
      await call('exec_command', { command: 'sleep', args: ['9'], timeout_seconds: 0.3 }),
    );
    expect([late.code, late.message]).toEqual([-32003, 'the command was ended after 0.3 s']);
    expect(late.data).toMatchObject({ stdout: '', stderr: '' });
  });

  test('gives an answer that is late whole, and the head of it before', async () => {
    const began = Date.now();
    const done = await call('exec_command', { command: 'sh', args: ['-c', 'sleep 6; echo up'] });
    expect(resultOf(rpcResultSchemas.exec_command, done).stdout).toBe('up\n');
    expect(Date.now() - began).toBeGreaterThan(6_000);
  });

  test('writes and reads files, as text and as bytes', async () => {
    const path = at('deep/er/file');
    const bytes = Buffer.from([0, 200, 255, 7]);
    const written = await call('file_write', {
      path,
      content: bytes.toString('base64'),
      encoding: 'base64',
      create_dirs: true,
      permissions: '0600',
    });
    expect(resultOf(rpcResultSchemas.file_write, written)).toEqual({
      success: true,
      bytes_written: 4,
    });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    const read = resultOf(
      rpcResultSchemas.file_read,
      await call('file_read', { path, encoding: 'base64' }),
    );
    expect(read).toEqual({ content: bytes.toString('base64'), encoding: 'base64', size: 4 });
    expect(errorOf(await call('file_read', { path })).message).toMatch(/not UTF-8/u);
    await call('file_write', { path, content: 'gr\u00fc\u00df' });
    expect(resultOf(rpcResultSchemas.file_read, await call('file_read', { path }))).toEqual({
      content: 'gr\u00fc\u00df',
      encoding: 'utf8',
      size: 6,
    });
    const large = Buffer.alloc(700_000, 'x').toString('base64');
    await call('file_write', { path, content: large, encoding: 'base64' });
    expect(readFileSync(path)).toHaveLength(700_000);
  });

  test.each([
    ['no_such_method', {}, -32601, /there is no method.*ping/u],
    ['ping', { x: 1 }, -32602, /no parameters/u],
    ['ping', [], -32602, /object/u],
    ['exec_command', {}, -32602, /command with args/u],
    ['exec_command', { command: 'true', args: 'x' }, -32602, /list/u],
    ['exec_command', { command: 'no-such-program' }, -32002, /no program/u],
    ['exec_command', { command: 'true', working_directory: 'x' }, -32602, /working_directory/u],
    ['exec_command', { command: 'true', cwd: '/' }, -32602, /"cwd"/u],
    ['file_read', { path: '/etc/passwd' }, -32001, /file_prefixes/u],
    ['file_read', {}, -32602, /path/u],
    ['file_write', { path: '/x', content: '%', encoding: 'base64' }, -32602, /base64/u],
    ['file_write', { path: '/etc/x', content: '' }, -32001, /file_prefixes/u],
    ['shutdown', { timeout_seconds: -1 }, -32602, /timeout_seconds/u],
    ['reboot', { force: 'yes' }, -32602, /force/u],
  ])('%s with %j is the error %i', async (method, params, code, about) => {
    const error = errorOf(await call(method, params));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(about);
  });

  test('says that a file is not there', async () => {
    expect(errorOf(await call('file_read', { path: at('nothing') })).code).toBe(-32002);
  });

  test.each([
    ['{"jsonrpc": "2.0", "method"', -32700],
    ['', -32700],
    ['[]', -32600],
    ['1', -32600],
    ['{"jsonrpc":"1.0","method":"ping","id":1}', -32600],
    ['{"jsonrpc":"2.0","method":7,"id":1}', -32600],
    ['{"jsonrpc":"2.0","method":"ping","id":{}}', -32600],
  ])('%s is the error %i', async (message, code) => {
    expect(errorOf(rpcResponseSchema.parse(await post(message))).code).toBe(code);
  });

  test('answers a batch as one, its calls side by side, and notifications with nothing', async () => {
    const sleep = (id: number) => ({
      jsonrpc: '2.0',
      id,
      method: 'exec_command',
      params: { command: 'sleep', args: ['1'] },
    });
    const began = Date.now();
    const answers = rpcResponseSchema
      .array()
      .parse(
        await post([
          ...[1, 2, 3, 4].map(sleep),
          { jsonrpc: '2.0', method: 'ping' },
          { jsonrpc: '2.0', id: 'x', method: 'ping' },
          5,
        ]),
      );
    expect(answers.map(({ id }) => id)).toEqual([1, 2, 3, 4, 'x', null]);
    expect(Date.now() - began).toBeLessThan(3_500);
    const note = await guest.ask('POST', '/rpc', { jsonrpc: '2.0', method: 'ping' });
    expect([note.status, note.text]).toEqual([204, '']);
    const many = Array.from({ length: 33 }, () => ({ jsonrpc: '2.0', id: 1, method: 'ping' }));
    expect(errorOf(rpcResponseSchema.parse(await post(many))).code).toBe(-32600);
  });

  test('asks for the scope of each method', async () => {
    const body = JSON.stringify(
      ['ping', 'get_system_info', 'exec_command', 'file_read', 'shutdown'].map((method, id) => ({
        jsonrpc: '2.0',
        id,
        method,
      })),
    );
    const claims = { aud: 'vm-1', scope: 'metrics', exp: secondsFromNow(60) };
    const token = manager.sign({ ...claims, ...bindingOf('POST', '/rpc', body) });
    const reply = await ask(guest.address, '/rpc', {
      method: 'POST',
      headers: bearer(token),
      body,
    });
    const codes = rpcResponseSchema
      .array()
      .parse(reply.json())
      .map((response) => ('error' in response ? response.error.code : 'ok'));
    expect(codes).toEqual(['ok', 'ok', -32001, -32001, -32001]);
    const unbound = bearer(manager.sign(claims));
    const refused = await ask(guest.address, '/rpc', { method: 'POST', headers: unbound, body });
    expect(refused.status).toBe(401);
  });

  test('shuts down once, after it has answered', async () => {
    const reply = await guest.ask('POST', '/power', { action: 'shutdown', delay_seconds: 1 });
    expect(existsSync(at('shutdown.done'))).toBe(false);
    const { at: dueAt } = powerSchema.strict().parse(reply.json());
    expect(Math.abs(dueAt - Date.now() - 1_000)).toBeLessThan(900);
    const second = await guest.ask('POST', '/power', { action: 'reboot' });
    expect(second.status).toBe(409);
    expect(errorBodySchema.parse(second.json()).error.message).toContain('shutdown is under way');
    await waitUntil('the command has run', () => existsSync(at('shutdown.done')));
    expect(readFileSync(at('shutdown.done'), 'utf8')).toBe('now\n');
    await waitUntil('another may follow', async () => {
      const reboot = await call('reboot', { timeout_seconds: 0 });
      return 'result' in reboot;
    });
    await waitUntil('the command has run', () => existsSync(at('reboot.done')));
    const messages = guest.agent.log().map(({ message }) => message);
    expect(messages).toContain('power command is due');
    expect(messages).toContain('power command starts');
  });

  test.each([
    [{}, /action/u],
    [{ action: 'halt' }, /shutdown or reboot/u],
    [{ action: 'reboot', delay_seconds: -1 }, /delay_seconds/u],
    [{ action: 'reboot', delay_seconds: '5' }, /delay_seconds/u],
    [{ action: 'reboot', force: true }, /"force"/u],
  ])('refuses the power of %j', async (body, about) => {
    const reply = await guest.ask('POST', '/power', body);
    expect(reply.status).toBe(422);
    expect(errorBodySchema.parse(reply.json()).error.message).toMatch(about);
  });
});

describe.each(AGENT_BUILDS)('$name, on a virtio-serial port', (build) => {
  test('answers line by line, one call not waiting for another', async (context) => {
    const program = orSkip(context, 'a pseudo-terminal', await obtainVirtioPort());
    const port = await openVirtioPort(program.path);
    onTestFinished(async () => port.close());
    const guest = await startEnrolled({ build, config: { virtio_port: port.path, power: 'off' } });
    onTestFinished(async () => void (await guest.agent.kill()));
    const send = (id: number, method: string, params = {}): void =>
      port.send(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const answers = (): Response[] => port.received.map((one) => rpcResponseSchema.parse(one));

    send(1, 'exec_command', { command: 'sh', args: ['-c', 'sleep 0.5; echo slow'] });
    send(2, 'ping');
    await waitUntil('both answers', () => port.received.length === 2);
    expect(answers().map(({ id }) => id)).toEqual([2, 1]);
    expect(answers()[1]).toMatchObject({ result: { stdout: 'slow\n' } });

    // Cut anywhere, and something that is no message in between.
    port.send('{"jsonrpc":"2.0","id":3,');
    port.send('"method":"ping"}\nnonsense\n\n');
    await waitUntil('two more', () => port.received.length === 4);
    const both = answers().slice(2);
    expect(both).toContainEqual(expect.objectContaining({ id: 3 }));
    expect(both.flatMap((one) => ('error' in one ? [one.error.code] : []))).toEqual([-32700]);

    send(5, 'exec_command', { command: 'head', args: ['-c', '300000', '/dev/zero'] });
    await waitUntil('a long answer', () => port.received.length === 5);
    expect(
      resultOf(rpcResultSchemas.exec_command, rpcResponseSchema.parse(port.received[4])).stdout,
    ).toBe('\0'.repeat(300_000));
    send(6, 'shutdown');
    await waitUntil('a refusal', () => port.received.length === 6);
    expect(answers()[5]).toMatchObject({ id: 6, error: { code: -32001 } });
    expect(await guest.agent.stop()).toStrictEqual({ code: 0, signal: null });
    return undefined;
  });

  test('waits for a port that is not there, and says so once', async () => {
    const guest = await startEnrolled({ build, config: { virtio_port: '/dev/no-such-port' } });
    onTestFinished(async () => void (await guest.agent.kill()));
    await waitUntil('it has been tried again', () => guest.agent.log().length > 2);
    expect((await guest.ask('GET', '/health')).status).toBe(200);
    expect(await guest.agent.stop()).toStrictEqual({ code: 0, signal: null });
    const messages = guest.agent.log().map(({ message }) => message);
    expect(messages.filter((message) => message.startsWith('virtio'))).toHaveLength(1);
  });
});
