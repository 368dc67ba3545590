import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { browserOfFile } from '../support/browser.ts';
import { createToken } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';

const { manager } = managerOfFile();
const browser = browserOfFile();

/** The field for the token, once it has the focus. */
const focused = (page: Page): Locator => page.locator('.sign-in input:focus');

const linkOf = (): string => `${manager().url}/#sign-in=${manager().signInCode ?? ''}`;

test('the printed link signs in once; whoever finds it later is told so', async (context) => {
  const page = await browser.open(context);
  await page.goto(linkOf());
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  // The code does not stay where somebody might read or share it.
  expect(page.url()).toBe(`${manager().url}/`);

  const other = await browser.open(context);
  await other.goto(linkOf());
  await other.getByRole('alert').waitFor();
  expect(await other.getByRole('alert').textContent()).toMatch(
    /^This sign-in link was used before/u,
  );
  expect(other.url()).not.toContain('sign-in');

  // Whoever was signed in by it stays so.
  await page.reload();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
});

test('a wrong token is refused with a sentence, and the right one then signs in', async (context) => {
  const page = await browser.open(context);
  await page.goto(`${manager().url}/hosts`);
  // Nothing but the keyboard: the field has the focus, also after a refusal.
  await focused(page).waitFor();
  await page.keyboard.type('not-a-token-of-this-manager');
  await page.keyboard.press('Enter');
  await page.getByText('This token is unknown').waitFor();
  await focused(page).waitFor();
  await page.keyboard.type(manager().adminToken);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Hosts', level: 1 }).waitFor();
  // Where they wanted to go.
  expect(page.url()).toBe(`${manager().url}/hosts`);
});

test('signing out ends the session of all tabs', async (context) => {
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token: manager().adminToken });
  const tab = await page.context().newPage();
  await tab.goto(`${manager().url}/settings`);
  await tab.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  await tab.getByRole('button', { name: 'Sign out', exact: true }).click();
  await focused(tab).waitFor();
  await page.getByText('Your session has ended').waitFor();
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await page.getByLabel('Token').waitFor();
  expect(await page.context().cookies()).toStrictEqual([]);
});

test('a viewer is offered nothing that the manager would refuse', async (context) => {
  const token = await createToken(manager(), { name: 'a viewer', role: 'viewer' });
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token, path: '/hosts' });
  await page.getByRole('heading', { name: 'Hosts', level: 1 }).waitFor();
  await page.getByText('No hosts yet').waitFor();
  expect(await page.getByRole('button', { name: 'Register a host' }).count()).toBe(0);
  for (const [path, words] of [
    ['/add', 'takes the role operator'],
    ['/tokens', 'handed out and revoked by administrators'],
  ] as const) {
    await page.goto(`${manager().url}${path}`);
    await page.getByText(words).waitFor();
  }
});

test('whoever sees some of the VMs is told why hosts are not there', async (context) => {
  const scoped = { name: 'some VMs', role: 'admin', scope: 'env=test' };
  const token = await createToken(manager(), scoped);
  const page = await browser.open(context);
  await signIn(page, { url: manager().url, token, path: '/hosts' });
  await page.getByText('hosts are about all of them').waitFor();
  await page.goto(`${manager().url}/settings`);
  await page.getByText('env=test').waitFor();
  expect(await page.getByRole('region', { name: 'Audit' }).count()).toBe(0);
});
