/** An update of agents in a browser: chosen, begun, watched to its end, and told in the fleet. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILD_KINDS } from '../support/agent-versions.ts';
import { axeViolations } from '../support/axe.ts';
import { browserOfFile, PHONE } from '../support/browser.ts';
import { makeManagerOfVersion } from '../support/manager-of-version.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { createToken } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort } from '../support/service-process.ts';
import { signIn } from '../support/sign-in.ts';
import { installGuest, type UpdatableGuest } from '../support/updatable-guest.ts';

const [kind] = BUILD_KINDS;
if (kind === undefined) throw new Error('there is always the bundle');

const browser = browserOfFile();
const installed = makeManagerOfVersion();
const guests: UpdatableGuest[] = [];
let db: TestDatabase;
let manager: ManagerProcess;
beforeAll(async () => {
  db = await createTestDatabase();
  const port = await freePort();
  installed.serve('1.5.0', { [kind.artefact]: await kind.make('1.5.0') });
  manager = await startManager({
    databaseUrl: db.url,
    program: installed.program,
    args: ['--listen', `127.0.0.1:${port}`, '--public-url', `http://127.0.0.1:${port}`],
  });
  for (let count = 0; count < 2; count += 1) {
    guests.push(await installGuest(manager, { kind, version: '1.4.0' }));
  }
}, 120_000);
afterAll(async () => {
  for (const guest of guests) await guest.stop();
  await manager.stop();
  await db.drop();
  installed.remove();
});

test('agents are updated from a page, and the fleet says what they are', async (context) => {
  const page = await browser.open(context, { viewport: { width: 1600, height: 900 } });
  await signIn(page, { url: manager.url, token: manager.adminToken, path: '/updates' });
  await page.getByText('2 agents are another version').waitFor();
  await page.getByRole('button', { name: 'Update agents' }).click();
  const dialog = page.getByRole('dialog', { name: 'Update agents' });
  await dialog.getByRole('button', { name: 'Update', exact: true }).click();
  await dialog.getByText('Choose at least one VM.').waitFor();
  await dialog.getByLabel('At one time').fill('0');
  await dialog.getByRole('button', { name: 'All 2 that are another version' }).click();
  await dialog.getByRole('button', { name: 'Update 2' }).click();
  await dialog.getByText('1 to 500.').waitFor();
  await dialog.getByLabel('At one time').fill('10');
  expect(await axeViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Update 2' }).click();

  await page.getByRole('heading', { name: 'Update to 1.5.0' }).waitFor();
  const first = page.getByRole('row', { name: guests[0]?.name ?? '' });
  await first.getByText('first').waitFor();
  await page.getByText('finished: 2 updated of 2').waitFor();
  await first.getByText('1.4.0 → 1.5.0').waitFor();
  expect(await axeViolations(page)).toEqual([]);

  await page.getByRole('link', { name: /^Fleet/u }).click();
  await page
    .getByRole('row', { name: guests[1]?.name ?? '' })
    .getByText('1.5.0')
    .waitFor();
  await page.getByRole('button', { name: '1.5.0 2' }).waitFor();
}, 90_000);

test('an update is read on a phone, also by a viewer, who cannot begin one', async (context) => {
  const token = await createToken(manager, { name: 'looks', role: 'viewer' });
  const page = await browser.open(context, { viewport: PHONE, colorScheme: 'light' });
  await signIn(page, { url: manager.url, token, path: '/updates' });
  await page.getByText('This manager serves').waitFor();
  expect(await page.getByRole('button', { name: 'Update agents' }).count()).toBe(0);
  await page.getByRole('link', { name: '1.5.0', exact: true }).click();
  await page.getByText('finished: 2 updated of 2').waitFor();
  const width = await page.evaluate('document.documentElement.scrollWidth');
  expect(width).toBe(PHONE.width);
  expect(await axeViolations(page)).toEqual([]);
}, 60_000);
