import { expect, test } from 'vitest';
import { browserOfFile } from '../support/browser.ts';
import { registerVm } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { startManager } from '../support/manager-process.ts';
import { signIn } from '../support/sign-in.ts';
import { SOON } from '../support/soon.ts';

const file = managerOfFile();
const browser = browserOfFile();

test('a page outlives its manager: it says so, tries again, and is live when it is back', async (context) => {
  const first = file.manager();
  const { adminToken, port } = first;
  await registerVm(first, { name: 'web-01' });
  const page = await browser.open(context);
  await signIn(page, { url: first.url, token: adminToken });
  await page.getByText('web-01').waitFor();
  const live = page.locator('.live-mark');
  await live.getByText('Live').waitFor();

  await first.kill();
  await live.getByText('Reconnecting').waitFor();
  await page.getByText('No connection to the manager').waitFor();
  // What was there last stays.
  expect(await page.getByText('web-01').count()).toBe(1);

  // Nobody answers yet: trying changes nothing, and is no reason to give up.
  await page.getByRole('button', { name: 'Try now' }).click();
  file.replace(
    await startManager({
      databaseUrl: file.databaseUrl(),
      args: ['--listen', `127.0.0.1:${port}`],
      variables: { INNKEEPER_ADMIN_TOKEN: adminToken },
    }),
  );
  await registerVm(file.manager(), { name: 'web-02' });
  await live.getByText('Live').waitFor();
  await page.getByText('web-02').waitFor();
  await expect
    .poll(async () => page.getByText('No connection to the manager').count(), SOON)
    .toBe(0);
});
