/** Provisioning from the pages: scripts are written, run, fail, are mended, and go on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageOf, provisioningSchema, vmSchema } from '@innkeeper/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { BUNDLE } from '../support/agent-process.ts';
import { axeViolations } from '../support/axe.ts';
import { browserOfFile, PHONE } from '../support/browser.ts';
import { createToken } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import { SOON } from '../support/soon.ts';
import { waitUntil } from '../support/wait-until.ts';

const { manager } = managerOfFile(['--local-agent', BUNDLE.path]);
const browser = browserOfFile();
const folder = mkdtempSync(join(tmpdir(), 'provisioning-e2e-'));
let vmId = '';

const START_MS = 30_000;

beforeAll(async () => {
  await waitUntil(
    'this machine is there and answers',
    async () => {
      const { items } = pageOf(vmSchema).parse((await manager().ask('/v1/vms')).json());
      vmId = items.find(({ is_local: isLocal }) => isLocal)?.id ?? '';
      if (vmId === '') return false;
      return (await manager().ask(`/v1/vms/${vmId}/metrics`)).text.includes('"verified"');
    },
    START_MS,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = async (
  context: TestContext,
  path: string,
  { token = manager().adminToken, ...more }: { token?: string; viewport?: typeof PHONE } = {},
): Promise<Page> => {
  const page = await browser.open(context, more);
  await signIn(page, { url: manager().url, token, path });
  return page;
};
const openTab = async (context: TestContext, options?: Parameters<typeof open>[2]): Promise<Page> =>
  open(context, `/vms/${vmId}?tab=provisioning`, options);

const add = async (page: Page, name: string, order: string, script: string): Promise<void> => {
  await page.getByRole('button', { name: 'Add a script' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a script' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Order').fill(order);
  await dialog.getByLabel('For').selectOption('vm');
  await dialog.getByLabel('VM', { exact: true }).selectOption(vmId);
  await dialog.getByLabel('Script', { exact: true }).fill(script);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
};

test('scripts are written, run on a VM, watched, mended and run again from where they failed', async (context) => {
  const scripts = await open(context, '/provisioning');
  await scripts.getByText('No scripts').waitFor();
  await add(scripts, 'base', '1', 'echo base');
  const waits = `echo '##progress 3/9 Unpacking'; while [ ! -e ${folder}/go ]; do sleep 0.1; done`;
  await add(scripts, 'app', '2', `${waits}; echo '<b>no space</b>' >&2; exit 4`);
  await add(scripts, 'after', '3', 'echo after');
  const rows = scripts.getByRole('table', { name: 'Scripts for provisioning' }).getByRole('row');
  await waitUntil('all three are listed', async () => (await rows.count()) === 4);

  const page = await openTab(context);
  await page.getByText('Nothing has run yet').waitFor();
  await page.getByRole('button', { name: 'Run what is due' }).click();
  const step = (name: string) => page.getByRole('listitem').filter({ hasText: name }).first();
  await step('base').getByText('done').waitFor();
  await step('app').getByRole('progressbar', { name: 'Unpacking' }).waitFor();
  await step('after').getByText('waits').waitFor();
  writeFileSync(join(folder, 'go'), '');
  await step('app').getByText('failed with exit code 4').waitFor();
  const lines = page.getByRole('region', { name: 'Last lines of app' });
  await expect.poll(async () => lines.textContent(), SOON).toContain('<b>no space</b>');
  await page.getByText('app failed, 1 of 3 steps done').waitFor();
  expect(await axeViolations(page)).toStrictEqual([]);

  await scripts.getByRole('button', { name: 'Edit app' }).click();
  const dialog = scripts.getByRole('dialog', { name: 'Edit a script' });
  await dialog.getByLabel('Script', { exact: true }).fill('echo mended');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Run the failed step again' }).click();
  await page.getByText('finished, 3 of 3 steps').waitFor();
  await step('app').getByText('attempt 2').waitFor();
  await waitUntil('its lines are gone', async () => (await lines.count()) === 0);

  await page.getByRole('link', { name: 'Output of app' }).click();
  await page.getByText('mended').first().waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Run what is due' }).click();
  await page.getByRole('alert').getByText('no script is due').waitFor();
  await page.getByRole('button', { name: 'Run all again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click();
  await page.getByText('Before').waitFor();
  await page.getByText('asked for by admin').first().waitFor();
});

test('a viewer sees the steps and nothing to press, and on a phone all of it fits', async (context) => {
  const token = await createToken(manager(), { role: 'viewer', name: 'eve' });
  const page = await openTab(context, { token, viewport: PHONE });
  await page
    .getByText(/finished, 3 of 3 steps/u)
    .first()
    .waitFor();
  expect(await page.getByRole('button', { name: /^Run|^Skip/u }).count()).toBe(0);
  expect(await page.getByRole('link', { name: /^Output/u }).count()).toBe(0);
  const excess = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  expect(excess).toBe(0);
  await page.goto(`${manager().url}/provisioning`);
  await page.getByText('Not for this token').waitFor();
});

test('what the manager refuses is said where it is, and a script that is deleted is gone', async (context) => {
  const page = await open(context, '/provisioning?dialog=create');
  const dialog = page.getByRole('dialog', { name: 'Add a script' });
  await dialog.getByLabel('Name').fill('base');
  await dialog.getByLabel('Labels').fill('env=(');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.locator('[aria-invalid="true"]:focus').waitFor();
  await dialog.getByLabel('Labels').fill('env=none');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.getByText('another script for provisioning has this name').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Delete after' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('button', { name: 'Delete after' }).waitFor({ state: 'detached' });
  const left = pageOf(provisioningSchema).parse((await manager().ask('/v1/provisioning')).json());
  expect(left.items.map(({ name }) => name)).toEqual(['base', 'app']);
});
