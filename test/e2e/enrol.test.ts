/** A VM is added on the page, and a real agent enrols with what the page shows. */
import { cpSync, readFileSync } from 'node:fs';
import { hostSchema } from '@innkeeper/protocol';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, type TestContext } from 'vitest';
import { buildDeployment } from '../../scripts/build/deployment.ts';
import { BUNDLE, bundleOn, type AgentProcess } from '../support/agent-process.ts';
import { axeViolations } from '../support/axe.ts';
import { browserOfFile, PHONE } from '../support/browser.ts';
import {
  configOf,
  enrollmentOf,
  makeGuest,
  makeToken,
  startEnrolling,
  untilStatus,
  type Guest,
} from '../support/enrolment.ts';
import { registerVm } from '../support/manager-api.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { expectStatus, vmNamed } from '../support/manager-questions.ts';
import { makeOtherMachine } from '../support/other-machine.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort } from '../support/service-process.ts';
import { signIn } from '../support/sign-in.ts';

import { SOON } from '../support/soon.ts';

const START_MS = 60_000;
const FIRST_READING_MS = 30_000;

// What the page's commands and files install; the manager reads it at its start.
buildDeployment(BUNDLE);

let db: TestDatabase;
let manager: ManagerProcess;
beforeAll(async () => {
  db = await createTestDatabase();
  manager = await startEnrolling({ databaseUrl: db.url });
}, START_MS);
afterAll(async () => {
  await manager.stop();
  await db.drop();
}, START_MS);

const agents: AgentProcess[] = [];
const guests: Guest[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map(async (agent) => agent.stop()));
  for (const guest of guests.splice(0)) guest.remove();
});

const browser = browserOfFile();

const open = async (
  context: TestContext,
  path: string,
  of: ManagerProcess = manager,
  viewport?: typeof PHONE,
): Promise<Page> => {
  const page = await browser.open(context, viewport === undefined ? {} : { viewport });
  await signIn(page, { url: of.url, token: of.adminToken, path });
  return page;
};

/** An agent with the options of the command that the page shows, as install.sh reads them. */
const startShown = async (command: string, host: string, port: number): Promise<void> => {
  const option = (name: string): string =>
    new RegExp(`--${name} '?(?<value>[^' ]+)`, 'u').exec(command)?.groups?.['value'] ?? '';
  const vmId = option('vm-id');
  const guest = await makeGuest({ vmId, host, port });
  guests.push(guest);
  agents.push(
    await guest.start(bundleOn(process.execPath), {
      vm_id: vmId,
      manager_url: option('manager'),
      manager_keys: [option('key')],
      enrollment_token: option('token'),
      ...(command.includes('--role host') && { role: ['host'] }),
    }),
  );
};

const shownCommand = async (page: Page): Promise<string> =>
  (await page.getByRole('region', { name: 'the command', exact: true }).textContent()) ?? '';
const step = (page: Page, name: string) =>
  page.locator('.enroll-steps li').filter({ hasText: name });

test('from a name to a moving chart: the page makes a command, an agent uses it, each step is seen', async (context) => {
  const port = await freePort();
  const page = await open(context, '/add');
  await page.getByLabel('Name', { exact: true }).fill('web-01');
  await page.getByLabel('Port').fill(String(port));
  await page.getByRole('button', { name: 'Add and watch' }).click();
  await page.getByRole('heading', { name: 'Install and enrol its agent' }).waitFor();
  await page.getByRole('link', { name: 'One command' }).click();
  await page.getByRole('button', { name: 'Make the command' }).press('Enter');
  await page.locator('.enroll-offer:focus').waitFor();
  const command = await shownCommand(page);
  expect(command).toMatch(/^curl -fsSL .* --token ie_/u);
  await page.getByRole('region', { name: 'the command with wget' }).waitFor();
  await page.getByText(/Good once, for another 14m/u).waitFor();
  await step(page, 'Token made').locator('time').waitFor();
  await step(page, 'Agent downloaded').getByText('waits for it').waitFor();
  // The address of the page is copied, bookmarked and logged.
  expect(page.url()).not.toContain('ie_');
  expect(await axeViolations(page)).toStrictEqual([]);

  await page.reload();
  await page.getByText('A token was made that is good until').waitFor();
  expect(await page.getByRole('region', { name: 'the command' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Make the command' }).click();
  const second = await shownCommand(page);
  expect(second).not.toBe(command);
  // As the command would do it first.
  const vmId = new URL(page.url()).searchParams.get('vm') ?? '';
  await page.request.get(`${manager.url}/download/guest-agent.mjs?vm_id=${vmId}`);
  await step(page, 'Agent downloaded').locator('time').waitFor();

  await startShown(second, '127.0.0.91', port);
  await page.waitForURL(`${manager.url}/vms/${vmId}`, { timeout: FIRST_READING_MS });
  await page.locator('canvas').first().waitFor();
  await page.getByText('Agent', { exact: true }).first().waitFor();
  await expect.poll(async () => page.getByText('unverified').count(), SOON).toBe(0);

  // What was there stays where it was, for whoever goes back.
  await page.goBack();
  await step(page, 'First reading').locator('time').waitFor();
  expect(new URL(page.url()).pathname).toBe('/add');
});

test('a token that was replaced is refused, and the page says so and what to do', async (context) => {
  const { id } = await registerVm(manager, { name: 'late' });
  const page = await open(context, `/add?vm=${id}&way=command`);
  await page.getByRole('button', { name: 'Make the command' }).click();
  const command = await shownCommand(page);
  await makeToken(manager, id);
  await page.getByText('Another token was made since').waitFor();
  await startShown(command, '127.0.0.92', await freePort());
  await page.getByText(/Refused at .*127\.0\.0\.1/u).waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('use that one');
});

test('a copied disk is told on the page of the VM, and can be forgotten', async (context) => {
  const port = await freePort();
  const { id } = await registerVm(manager, { name: 'original', agent_port: port });
  const config = configOf(await makeToken(manager, id));
  const guest = await makeGuest({ vmId: id, host: '127.0.0.93', port });
  const machine = makeOtherMachine({ hostname: 'the-copy' });
  const copy = await makeGuest({ vmId: id, host: '127.0.0.94', port, machine });
  guests.push(guest, copy);
  agents.push(await guest.start(bundleOn(process.execPath), config));
  await untilStatus(guest, { state: 'enrolled', code: null });
  const page = await open(context, `/vms/${id}`);
  await page.locator('canvas').first().waitFor();
  cpSync(guest.stateDir, copy.stateDir, { recursive: true });
  agents.push(await copy.start(bundleOn(process.execPath), config));
  const notice = page.getByRole('alert').filter({ hasText: 'Another machine has the key' });
  await notice.getByText('the-copy').waitFor();
  await agents.pop()?.stop();
  await notice.getByRole('button', { name: 'It is gone' }).click();
  await notice.waitFor({ state: 'detached' });
  expect((await enrollmentOf(manager, id)).clone).toBeNull();
});

test('cloud-init data is shown or saved, with a token that is good', async (context) => {
  const { id } = await registerVm(manager, { name: `it's $(web)` });
  const script = { name: 'base', when: 'first_boot', script: 'true', selector: 'env=none' };
  const reply = await manager.ask('/v1/provisioning', { method: 'POST', json: script });
  expect(reply.status).toBe(201);
  const page = await open(context, `/add?vm=${id}`);
  const scripts = page.locator('.enroll-scripts li').filter({ hasText: 'base' });
  await scripts.getByText('env=none').waitFor();
  await page.getByRole('button', { name: 'Make user-data' }).click();
  const shown = page.getByRole('region', { name: 'the user-data' });
  expect(await shown.textContent()).toMatch(/^#cloud-config\n/u);
  const line = page.getByRole('region', { name: 'the line for virt-install' });
  expect(await line.textContent()).toContain(String.raw`--name 'it'\''s $(web)'`);
  await page.getByRole('button', { name: 'Make the image' }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('link', { name: `Save ${id}-seed.iso` }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe(`${id}-seed.iso`);
  const image = readFileSync(await saved.path()).toString('latin1');
  expect(image).toContain('cidata');
  expect(image).toContain('INNKEEPER_TOKEN=ie_');
});

test('a VM is enrolled again from its settings, and all ways fit on a phone', async (context) => {
  const { id } = await registerVm(manager, { name: 'again' });
  const page = await open(context, `/vms/${id}?tab=settings`, manager, PHONE);
  await page.getByRole('heading', { name: 'Enrol its agent' }).waitFor();
  const tooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
  for (const way of ['One command', 'Script', 'By hand', 'No network', 'cloud-init']) {
    await page.getByRole('link', { name: way, exact: true }).click();
    await page.locator('.enroll-nav [aria-current]', { hasText: way }).waitFor();
    expect({ way, tooWide: await page.evaluate(tooWide) }).toEqual({ way, tooWide: false });
  }
  await page.getByText('By distribution').click();
  await page.getByLabel('What runs in the VM').selectOption('Alpine');
  await page.getByText('apk add cloud-init').waitFor();
  expect(await axeViolations(page)).toStrictEqual([]);
});

test('a manager that does not know how guests reach it says what to set', async (context) => {
  const own = await createTestDatabase();
  const lost = await startManager({ databaseUrl: own.url });
  context.onTestFinished(async () => {
    await lost.stop();
    await own.drop();
  });
  const { id } = await registerVm(lost, { name: 'unreachable' });
  const page = await open(context, `/add?vm=${id}&way=command`, lost);
  await page.getByRole('button', { name: 'Make the command' }).click();
  const setting = page.getByRole('region', { name: 'the setting' });
  expect(await setting.textContent()).toContain('INNKEEPER_PUBLIC_URL=http://');
});

test('a hypervisor is registered, and enrols with the command that the page shows', async (context) => {
  const host = '127.0.0.89';
  const port = await freePort();
  const page = await open(context, '/hosts');
  await page.getByRole('button', { name: 'Register a host' }).click();
  const register = page.getByRole('dialog', { name: 'Register a host' });
  await register.getByLabel('Name').fill('kvm01');
  await register.getByLabel('Address').fill(host);
  await register.getByLabel('Agent’s port').fill(String(port));
  await register.getByRole('button', { name: 'Register' }).click();
  const setup = page.getByRole('dialog', { name: 'Set up its agent' });
  await setup.getByRole('button', { name: 'Make the command' }).click();
  const shown = setup.getByRole('region', { name: 'the command', exact: true });
  const first = (await shown.textContent()) ?? '';
  await setup.getByRole('button', { name: 'New token' }).click();
  await shown.filter({ hasNotText: first }).waitFor();
  expect(await axeViolations(page)).toStrictEqual([]);
  await startShown((await shown.textContent()) ?? '', host, port);
  await step(page, 'First reading').locator('time').waitFor({ timeout: FIRST_READING_MS });
  await setup.getByText('It answers.').waitFor();
  await page.keyboard.press('Escape');
  const row = page.getByRole('row').filter({ hasText: 'kvm01' });
  await row.getByText('node', { exact: true }).waitFor();
});

test('a new VM is given its scripts by their labels, and its process on a host', async (context) => {
  const json = { name: 'kvm09', address: '127.0.0.88', agent_port: await freePort() };
  const made = await manager.ask('/v1/hosts', { method: 'POST', json });
  const { id: hostId } = hostSchema.parse(expectStatus(made, 201).json());
  const script = {
    name: 'nginx',
    script: 'true',
    when: 'first_boot',
    order: 10,
    selector: 'role=web, tier=front',
  };
  expectStatus(await manager.ask('/v1/provisioning', { method: 'POST', json: script }), 201);
  const page = await open(context, '/add');
  await page.getByLabel('Name', { exact: true }).fill('fc-web');
  await page.getByLabel('Labels').fill('team=x');
  const nginx = page.getByRole('checkbox', { name: /^nginx/u });
  await nginx.check();
  const labels = page.getByLabel('Labels');
  await expect.poll(async () => labels.inputValue(), SOON).toBe('team=x, role=web, tier=front');
  await page.getByLabel('Host').selectOption('kvm09');
  await page.getByLabel('Its process there').selectOption('Found by another name or UUID');
  await page.getByLabel('Name or UUID of the process').fill('fc-7');
  await page.getByLabel('Kind').selectOption('Firecracker');
  expect(await axeViolations(page)).toStrictEqual([]);
  await page.getByRole('button', { name: 'Add and watch' }).click();
  await page.getByRole('heading', { name: 'Install and enrol its agent' }).waitFor();
  expect(await vmNamed(manager, 'fc-web')).toMatchObject({
    host_id: hostId,
    vmm: { kind: 'firecracker', name: 'fc-7' },
    labels: { team: 'x', role: 'web', tier: 'front' },
  });
});

test('copying works where the browser gives no clipboard, as without https', async (context) => {
  const { id } = await registerVm(manager, { name: 'plain http' });
  const page = await browser.open(context);
  await page.addInitScript(
    'Object.defineProperty(Navigator.prototype, "clipboard", { get: () => undefined })',
  );
  const path = `/add?vm=${id}&way=command`;
  await signIn(page, { url: manager.url, token: manager.adminToken, path });
  await page.getByRole('button', { name: 'Make the command' }).click();
  const command = await shownCommand(page);
  await page.getByRole('button', { name: 'Copy the command', exact: true }).click();
  await page.getByText('Copied').waitFor();
  // Into a field: what was copied is whatever is pasted.
  const field = page.getByLabel('Labels');
  await field.focus();
  await page.keyboard.press('Control+V');
  await expect.poll(async () => field.inputValue(), SOON).toBe(command);
});

test('an address at which the agent encrypts has a lock', async (context) => {
  const vm = await registerVm(manager, { name: 'locked', agent_port: await freePort() });
  const guest = await makeGuest({ vmId: vm.id, host: '127.0.0.77', port: vm.agent_port });
  guests.push(guest);
  const created = await makeToken(manager, vm.id);
  agents.push(await guest.start(bundleOn(process.execPath), configOf(created)));
  await untilStatus(guest, { state: 'enrolled', code: null });
  const page = await open(context, `/vms/${vm.id}`);
  const address = page.locator('.vm-facts > div').filter({ hasText: 'Address' });
  await address.getByText('encrypted').waitFor({ state: 'attached' });
  expect(await address.locator('.vm-lock').getAttribute('title')).toContain('TLS');
  expect(await axeViolations(page)).toEqual([]);
}, 60_000);
