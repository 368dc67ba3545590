/** A guest from its registration to its end: a real agent, the real manager, a real browser. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { browserOfFile } from '../support/browser.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import { SOON } from '../support/soon.ts';
import { waitUntil } from '../support/wait-until.ts';

const { manager } = managerOfFile();
const browser = browserOfFile();

/** Another machine, as far as the manager can tell. */
const ADDRESS = '127.0.0.2';
const BUSY_PERCENT = 85;

const startGuest = async (port = 0): Promise<AgentProcess> => {
  const [build] = AGENT_BUILDS;
  if (build === undefined) throw new Error('there is no build of the agent');
  return startAgent({ build, args: ['--listen', `${ADDRESS}:${port}`] });
};

/** Every CPU of this machine, until the test is over. */
const loadMachine = (): void => {
  for (let cpu = 0; cpu < availableParallelism(); cpu += 1) {
    const child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    const ended = new Promise((settle) => {
      child.once('close', settle);
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
  }
};

const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

test('a guest is registered, moves, falls silent with its reason, and comes back', async (context) => {
  const agent = await startGuest();
  let running = agent;
  onTestFinished(async () => void (await running.kill()));
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken, path: '/add' });

  await page.getByLabel('Name', { exact: true }).fill('web-01');
  await page.getByLabel('Address', { exact: true }).fill(ADDRESS);
  await page.getByLabel('Port').fill(String(agent.port));
  await page.getByLabel('Labels').fill('env=test, team=web');
  await page.getByRole('button', { name: 'Add and watch' }).click();
  await page.getByText('It answers').waitFor();
  await page.locator('.arrival:focus').waitFor();
  expect(new URL(page.url()).searchParams.get('vm')).not.toBeNull();
  // Its first values, in the same place.
  await page
    .getByRole('region', { name: 'The VM that was added' })
    .getByText('%')
    .first()
    .waitFor();

  await page.getByRole('link', { name: /^Fleet/u }).click();
  const row = rowOf(page, 'web-01');
  await row.getByText('env=test').waitFor();
  loadMachine();
  const cpu = async (): Promise<number> =>
    Number.parseFloat((await row.locator('.col-cpu').textContent()) ?? '');
  await waitUntil('its CPU is busy', async () => (await cpu()) >= BUSY_PERCENT, 10_000);
  await expect.poll(async () => row.locator('.chip').textContent(), SOON).toBe('Agent');

  await agent.stop();
  // The host is not known, so nobody else can say how it is.
  await row.locator('.chip', { hasText: 'None' }).waitFor();
  await expect
    .poll(async () => row.locator('.chip').getAttribute('title'), SOON)
    .toBe('the agent cannot be reached');
  // Unknown is never shown as zero.
  await expect.poll(async () => row.locator('.col-cpu').textContent(), SOON).toBe('–');

  running = await startGuest(agent.port);
  await row.locator('.chip', { hasText: 'Agent' }).waitFor();
});

test('each refusal of the form stands beside its field', async (context) => {
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken, path: '/add' });
  const name = page.getByLabel('Name', { exact: true });
  const address = page.getByLabel('Address', { exact: true });
  const add = page.getByRole('button', { name: 'Add and watch' });

  await name.fill('elsewhere');
  await address.fill('8.8.8.8');
  await add.click();
  await page.getByRole('alert').waitFor();
  await page.locator('[aria-invalid="true"]:focus').waitFor();
  await expect.poll(async () => address.getAttribute('aria-invalid'), SOON).toBe('true');

  await address.fill('not an address');
  await add.click();
  await page.getByText('Must be an IPv4 or IPv6 address').waitFor();

  await address.fill('');
  await page.getByLabel('Labels').fill('env=a, env=b');
  await add.click();
  await page.getByText('“env” is there twice.').waitFor();

  await page.getByLabel('Labels').fill('');
  await add.click();
  await page.getByRole('heading', { name: 'elsewhere' }).waitFor();
  await page.getByText('It has no address yet').waitFor();

  // Nothing listens there: what to look at is said, and another address can be given.
  await page.getByLabel('Address of the VM').fill('127.0.0.3');
  await page.getByRole('button', { name: 'Use this address' }).click();
  await page.getByText('Nothing accepts a connection').waitFor();
});
