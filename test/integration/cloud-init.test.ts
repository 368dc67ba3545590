/** What cloud-init gets from a running manager, and what a machine makes of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { healthSchema } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../../scripts/run-command.ts';
import { NATIVE } from '../support/agent-process.ts';
import { makeBusyboxRoot, obtainBusybox } from '../support/busybox-root.ts';
import { hasNative } from '../support/deployment.ts';
import { enrollmentOf, startEnrolling } from '../support/enrolment.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { createVm, expectStatus } from '../support/manager-questions.ts';
import { orSkip } from '../support/obtained.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort } from '../support/service-process.ts';

const TOOL_MS = 60_000;
/** What somebody may call a VM. */
const HOSTILE = '"] - rm: -rf / é😀 # {x: *y} %TAG \'$(id)`';

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

const newVm = async (name: string): Promise<string> => (await createVm(manager, { name })).id;
const cloudInit = async (vmId: string, format: string) => {
  const path = `/v1/vms/${vmId}/cloud-init?format=${format}`;
  return expectStatus(await manager.ask(path), 200);
};
const bytesOf = async (vmId: string): Promise<Buffer> => {
  const headers = { authorization: `Bearer ${manager.adminToken}` };
  const url = `${manager.url}/v1/vms/${vmId}/cloud-init?format=iso`;
  return Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
};
const writeTemporary = (name: string, content: string | Buffer): string => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-cloud-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const run = async (file: string, ...args: readonly string[]) =>
  await runCommand(file, args, { timeoutMs: TOOL_MS });
const isThere = async (file: string): Promise<boolean> =>
  (await run('sh', '-c', `command -v ${file}`)).ok;

test('each rendering has a token of its own, and only the last one counts', async () => {
  const vmId = await newVm('rendered twice');
  const tokenOf = async () =>
    /INNKEEPER_TOKEN=(ie_[\w-]+)/u.exec((await cloudInit(vmId, 'user-data')).text)?.[1];
  const [first, second] = [await tokenOf(), await tokenOf()];
  expect(first).toBeDefined();
  expect(second).not.toBe(first);
  expect((await enrollmentOf(manager, vmId)).state).toBe('waiting');
});

test('guests are sent to the guest URL, and browsers to the public one', async () => {
  const other = await createTestDatabase();
  const port = await freePort();
  const [publicUrl, guestUrl] = [`http://127.0.0.1:${port}`, 'http://192.0.2.1:8080'];
  const place = ['--listen', `127.0.0.1:${port}`, '--public-url', publicUrl];
  const args = [...place, '--guest-url', guestUrl];
  const behind = await startManager({ databaseUrl: other.url, args });
  onTestFinished(async () => {
    await behind.stop();
    await other.drop();
  });
  const { id } = await createVm(behind, { name: 'behind TLS' });
  const made = await behind.ask(`/v1/vms/${id}/enrollment`, { method: 'POST' });
  expect(expectStatus(made, 201).json()).toMatchObject({ manager_url: guestUrl });
  expect((await behind.askAs('/install.sh')).text).toContain(`\nMANAGER_URL='${guestUrl}'\n`);
  expect((await behind.ask('/v1/manager')).json()).toMatchObject({ public_url: publicUrl });
}, 30_000);

test.each(['hosts', ''])('%j is no format', async (format) => {
  const vmId = await newVm(`format ${format}`);
  const reply = await manager.ask(`/v1/vms/${vmId}/cloud-init?format=${format}`);
  expect(reply.status).toBe(422);
});

test('cloud-init finds user-data valid, whatever the VM is called', async (context) => {
  if (!(await isThere('cloud-init'))) {
    return context.skip('cloud-init is not here. To have it: apt-get install cloud-init');
  }
  for (const name of ['web-1', HOSTILE]) {
    const file = writeTemporary(
      'user-data',
      (await cloudInit(await newVm(name), 'user-data')).text,
    );
    const checked = await run('cloud-init', 'schema', '--config-file', file);
    expect(checked, checked.output).toMatchObject({ ok: true });
  }
  return undefined;
}, 60_000);

describe('the seed image', () => {
  test('is called cidata', async (context) => {
    if (!(await isThere('blkid'))) return context.skip('blkid is not here');
    const image = writeTemporary('seed.iso', await bytesOf(await newVm('labelled')));
    const seen = await run('blkid', '-p', image);
    expect(seen.output).toContain('LABEL="cidata"');
    expect(seen.output).toContain('TYPE="iso9660"');
    return undefined;
  });

  test('has its files by their names, in Rock Ridge and in Joliet', async (context) => {
    if (!(await isThere('isoinfo'))) {
      return context.skip('isoinfo is not here. To have it: apt-get install genisoimage');
    }
    const image = writeTemporary('seed.iso', await bytesOf(await newVm('read')));
    for (const flag of ['-R', '-J']) {
      const listed = await run('isoinfo', flag, '-f', '-i', image);
      expect(listed.output.trim().split('\n').toSorted()).toEqual([
        '/meta-data',
        '/user-data',
        '/vendor-data',
      ]);
      const text = await run('isoinfo', flag, '-x', '/user-data', '-i', image);
      expect(text.output).toMatch(/^#cloud-config\n/u);
      expect(text.output).toContain('INNKEEPER_TOKEN=ie_');
    }
    return undefined;
  });

  test('can be mounted', async (context) => {
    const image = writeTemporary('seed.iso', await bytesOf(await newVm('mounted')));
    const folder = join(image, '..', 'mounted');
    mkdirSync(folder);
    const mounted = await run('mount', '-o', 'loop,ro', image, folder);
    if (!mounted.ok) return context.skip(`nothing can be mounted here: ${mounted.output.trim()}`);
    const read = await run('cat', join(folder, 'user-data'), join(folder, 'meta-data'));
    await run('umount', folder);
    expect(read.output).toMatch(/^#cloud-config\n[^]*local-hostname: "mounted"\n$/u);
    return undefined;
  });
});

test('a machine that gets the vendor-data installs its agent, which enrols and is pulled', async (context) => {
  orSkip(context, 'the native agent', NATIVE);
  expect(hasNative).toBe(true);
  const busybox = orSkip(context, 'busybox', await obtainBusybox());
  const port = await freePort();
  const vm = await createVm(manager, { name: 'a whole machine', agent_port: port });
  const machine = makeBusyboxRoot(busybox.path, {
    'vendor-data': (await cloudInit(vm.id, 'vendor-data')).text,
    'usr/sbin/update-rc.d': '#!/bin/sh\n',
    'etc/init.d/README': '',
    'etc/guest-agent/environment': `GUEST_AGENT_LISTEN=127.0.0.1:${port}\n`,
  });
  if ('reason' in machine) return context.skip(machine.reason);
  const done = await machine.run(`
    sh /vendor-data; echo "code $?"
    wget -qO- http://127.0.0.1:${port}/health; echo
  `);
  expect(done.output).toMatch(/\ncode 0\n/u);
  const health = healthSchema.parse(JSON.parse(done.output.trimEnd().split('\n').at(-1) ?? ''));
  expect(health).toMatchObject({ enrolled: true, vm_id: vm.id });
  const { events, state } = await enrollmentOf(manager, vm.id);
  expect(state).toBe('enrolled');
  expect(events.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['token_made', 'agent_downloaded', 'token_used', 'enrolled']),
  );
  return undefined;
}, 120_000);
