import { expect, test } from 'vitest';
import { browserOfFile } from '../support/browser.ts';
import { registerVm } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import { SOON } from '../support/soon.ts';

const { manager } = managerOfFile();
const browser = browserOfFile();

test('a token is made for some VMs, shown once, used, and revoked', async (context) => {
  await registerVm(manager(), { name: 'mine', labels: { env: 'test' } });
  await registerVm(manager(), { name: 'theirs', labels: { env: 'prod' } });
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken, path: '/tokens' });
  await page.getByRole('button', { name: 'Create a token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a token' });
  await dialog.getByLabel('Name').fill('ci');

  // What fits is counted while it is typed, and nonsense is explained.
  const scope = dialog.getByLabel('Only VMs with these labels');
  await scope.fill('env=(');
  await dialog.getByRole('alert').waitFor();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.locator('[aria-invalid="true"]:focus').waitFor();
  await scope.fill('env=test');
  await dialog.getByText('Fits 1 of 2 VMs now: mine').waitFor();
  await dialog.getByRole('radio', { name: /operator/u }).check();
  await dialog.getByLabel('Expires').selectOption('7');
  await dialog.getByRole('button', { name: 'Create' }).click();
  const secret = (await dialog.getByRole('region', { name: 'the token' }).textContent()) ?? '';
  expect(secret.length).toBeGreaterThan(20);
  await dialog.getByRole('button', { name: 'I have it' }).click();
  await expect.poll(async () => page.getByText(secret).count(), SOON).toBe(0);

  const other = await browser.open(context);
  await signIn(other, { url: manager().url, token: secret });
  await other.getByText('mine').waitFor();
  expect(await other.getByText('theirs').count()).toBe(0);

  await page.getByRole('button', { name: 'Revoke ci' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByRole('row', { name: /^ci/u }).waitFor({ state: 'detached' });
  await other.getByText('Your session has ended').waitFor();
});

test('Enter counts at once after the scope was corrected', async (context) => {
  const page = await browser.open(context);
  const path = '/tokens?dialog=create';
  await signIn(page, { url: manager().url, token: manager().adminToken, path });
  const dialog = page.getByRole('dialog', { name: 'Create a token' });
  await dialog.getByLabel('Name').fill('hasty');
  const scope = dialog.getByLabel('Only VMs with these labels');
  await scope.fill('env=(');
  await dialog.getByRole('alert').waitFor();
  await scope.press('Enter');
  await scope.fill('env=test');
  await scope.press('Enter');
  const secret = await dialog.getByRole('region', { name: 'the token' }).textContent();
  expect(secret?.length).toBeGreaterThan(20);
});

test('the last administrator cannot be revoked, and the dialog says why', async (context) => {
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken, path: '/tokens' });
  await page.getByRole('button', { name: /^Revoke admin/u }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
  await dialog.getByRole('alert').waitFor();
  expect(await dialog.getByRole('alert').textContent()).toMatch(/admin/u);
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await page.getByRole('row', { name: /admin/u }).waitFor();
});

test('the audit tells who did what, in pages', async (context) => {
  for (let index = 0; index < 30; index += 1) {
    await registerVm(manager(), { name: `audited-${index}` });
  }
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken, path: '/settings' });
  const audit = page.getByRole('region', { name: /^Audit/u });
  await audit.getByText('vm audited-29').waitFor();
  await audit.getByRole('button', { name: 'Older' }).click();
  await audit.getByText('vm audited-0', { exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('before')).not.toBeNull();
  await page.goBack();
  await audit.getByText('vm audited-29').waitFor();
});
