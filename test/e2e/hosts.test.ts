/** Hosts and what is found on them, with the manager's own agent as the host. */
import { expect, test } from 'vitest';
import { BUNDLE } from '../support/agent-process.ts';
import { browserOfFile } from '../support/browser.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import { SOON } from '../support/soon.ts';
import { useIdleVmm } from '../support/vmms-of-test.ts';

const { manager } = managerOfFile(['--local-agent', BUNDLE.path]);
const browser = browserOfFile();

/** Nobody listens there. */
const NOBODY = '9';

test('a VMM that nobody registered is found and adopted with one click', async (context) => {
  const args = ['-name', 'guest=found-on-the-host', '-m', '64'];
  await useIdleVmm(context, 'qemu-system-x86_64', { args });
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken, path: '/add?how=found' });
  const found = page.getByRole('listitem').filter({ hasText: 'found-on-the-host' });
  await found.getByText('QEMU').waitFor();
  await expect
    .poll(async () => found.getByLabel('Name for found-on-the-host').inputValue(), SOON)
    .toBe('found-on-the-host');
  await found.getByRole('button', { name: 'Adopt' }).click();
  await page.getByText('is registered.').waitFor();
  await found.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: /^Fleet/u }).click();
  const row = page.getByRole('row').filter({ hasText: 'found-on-the-host' });
  // It has no agent: what is known of it comes from the host, and says so.
  await row.locator('.chip', { hasText: 'Host' }).waitFor();
  await row.locator('.chip[title="it has no address yet"]').waitFor();
});

test('the machine of the manager counts itself among its VMs', async (context) => {
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken, path: '/hosts' });
  // Not 0: it is counted once the fleet is known.
  const link = page.getByRole('link', { name: /^[1-9]\d* VMs? of this-machine$/u });
  await link.waitFor();
  const count = Number(await link.textContent());
  await link.click();
  await page.locator('.vm-name', { hasText: 'this-machine' }).waitFor();
  const names = page.locator('.vm-name');
  await names.nth(count - 1).waitFor();
  expect(await names.count()).toBe(count);
});

test('a host is registered, told how to set up, renamed and removed', async (context) => {
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken, path: '/hosts' });
  await page.getByRole('button', { name: 'Register a host' }).click();
  const register = page.getByRole('dialog', { name: 'Register a host' });
  await register.getByLabel('Name').fill('kvm01');
  await register.getByLabel('Address').fill('127.77.0.1');
  await register.getByLabel('Agent’s port').fill(NOBODY);
  await register.getByRole('button', { name: 'Register' }).click();

  const setup = page.getByRole('dialog', { name: 'Set up its agent' });
  await setup.getByRole('button', { name: 'Make the command' }).waitFor();
  await setup.getByText('By hand, without a token').click();
  const config =
    (await setup.getByRole('region', { name: 'the configuration' }).textContent()) ?? '';
  expect(JSON.parse(config)).toMatchObject({ role: ['host'], listen: '0.0.0.0:9' });
  await setup.getByText('nothing answers there').waitFor();
  // Which dialog is open is in the address.
  await page.reload();
  await setup.getByRole('button', { name: 'Make the command' }).waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Change: kvm01' }).click();
  const change = page.getByRole('dialog', { name: 'Change a host' });
  await change.getByLabel('Name').fill('this-machine');
  await change.getByRole('button', { name: 'Save' }).click();
  await change.getByText('names are unique').waitFor();
  await change.getByLabel('Name').fill('kvm02');
  await change.getByRole('button', { name: 'Save' }).click();

  await page.getByRole('button', { name: 'Remove: kvm02' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('row', { name: /kvm02/u }).waitFor({ state: 'detached' });
});
