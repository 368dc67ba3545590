/** A guest without a network: its socket is typed into its settings, and stands where addresses do. */
import { expect, test } from 'vitest';
import { browserOfFile, PHONE } from '../support/browser.ts';
import { registerVm } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';

const { manager } = managerOfFile();
const browser = browserOfFile();
const PATH = '/srv/jailer/firecracker/9f1c2b7a-web-1/root/run/firecracker-vsock.sock';

test('a socket is typed, refused with the reason, saved, and shown', async (context) => {
  const { id } = await registerVm(manager(), { name: 'sealed' });
  const page = await browser.open(context, { viewport: PHONE });
  const path = `/vms/${id}?tab=settings`;
  await signIn(page, { url: manager().url, token: manager().adminToken, path });
  const form = page.locator('section', { has: page.getByRole('heading', { name: 'Socket' }) });
  const field = form.getByLabel('Of a guest without a network');
  const save = async (text: string): Promise<void> => {
    await field.fill(text);
    await form.getByRole('button', { name: 'Save' }).click();
  };
  await save(`vsock:${PATH}`);
  await form.getByText('A vsock needs the port in the guest').waitFor();
  await save('unix:/etc/agent.sock');
  await form.getByText('is not below /run').waitFor();
  await save(`vsock:${PATH}:1024`);
  await form.getByText('Saved').waitFor();
  const shown = page.locator('.vm-facts').getByText(`vsock:${PATH}:1024`);
  await shown.waitFor();
  const tooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
  expect(await page.evaluate(tooWide)).toBe(false);
  await save('');
  await form.getByText('Saved').waitFor();
  await shown.waitFor({ state: 'detached' });
});
