/** The fleet page with some dozens of simulated guests. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { browserOfFile, PHONE } from '../support/browser.ts';
import { registerHost, registerVm } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import {
  startSimulatedGuests,
  wanderingLoad,
  type SimulatedGuests,
} from '../support/simulated-guests.ts';
import { SOON } from '../support/soon.ts';
import { waitUntil } from '../support/wait-until.ts';

const { manager } = managerOfFile();
const browser = browserOfFile();
let guests: SimulatedGuests | undefined;

const HOSTILE = '<img src=x onerror=alert(1)>';
const SILENT = '127.50.0.3';
const VMS = 30;

/** No port of a guest: nobody is to listen there. */
const NOBODY = 9;

beforeAll(async () => {
  guests = await startSimulatedGuests((address, at) => ({
    ...wanderingLoad(address, at),
    // One is far busier than all the others.
    cpu: address === '127.50.0.7' ? 0.99 : 0.2,
  }));
  const hosts = [];
  for (const name of ['kvm01', 'kvm02']) {
    hosts.push(
      await registerHost(manager(), {
        name,
        address: `127.77.0.${hosts.length + 1}`,
        agent_port: NOBODY,
      }),
    );
  }
  for (let index = 1; index <= VMS; index += 1) {
    await registerVm(manager(), {
      name: `vm-${String(index).padStart(2, '0')}`,
      guest_ip: `127.50.0.${index}`,
      agent_port: guests.port,
      host_id: hosts[index % 2],
      labels: { env: index % 3 === 0 ? 'test' : 'prod' },
    });
  }
  await registerVm(manager(), {
    name: HOSTILE,
    guest_ip: '127.50.1.1',
    agent_port: guests.port,
    labels: { env: 'hostile' },
  });
});
afterAll(async () => await guests?.close());

const open = async (context: TestContext, path = '/', phone = false): Promise<Page> => {
  const page = await browser.open(context, phone ? { viewport: PHONE } : {});
  await signIn(page, { url: manager().url, token: manager().adminToken, path });
  await page.locator('.vm-name').first().waitFor();
  return page;
};

const namesOf = async (page: Page): Promise<string[]> => page.locator('.vm-name').allTextContents();
const settled = async (page: Page, what: string, isSo: (names: readonly string[]) => boolean) =>
  waitUntil(what, async () => isSo(await namesOf(page)), 10_000);
const searchBox = (page: Page): Locator => page.getByLabel('Search VMs');

describe('what is shown is in the address', () => {
  test('a search, which back, forward, reload and a shared link keep', async (context) => {
    const page = await open(context, '/?group=none&sort=name');
    await searchBox(page).fill('env=test');
    await settled(page, 'only those with the label', (names) => names.length === VMS / 3);
    expect(new URL(page.url()).searchParams.get('q')).toBe('env=test');
    const found = await namesOf(page);

    await page.reload();
    await settled(page, 'the same after a reload', (names) => names.join() === found.join());
    await expect.poll(async () => searchBox(page).inputValue(), SOON).toBe('env=test');

    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    await page.goBack();
    await settled(page, 'the same after going back', (names) => names.join() === found.join());
    await page.goForward();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  });

  test('nothing that fits is said, with a way out', async (context) => {
    const page = await open(context);
    await searchBox(page).fill('no such machine');
    await page.getByRole('heading', { name: 'No VM fits' }).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await settled(page, 'all are back', (names) => names.length > VMS / 2);
    await expect.poll(async () => searchBox(page).inputValue(), SOON).toBe('');
  });

  test('the order: the busiest first, then the other way around', async (context) => {
    const page = await open(context, '/?group=none');
    const head = page.getByRole('columnheader', { name: 'CPU' });
    await head.getByRole('button').click();
    await settled(page, 'the busiest is first', ([first]) => first === 'vm-07');
    await expect.poll(async () => head.getAttribute('aria-sort'), SOON).toBe('descending');
    await head.getByRole('button').click();
    await settled(page, 'the busiest is not first', ([first]) => first !== 'vm-07');
    expect(new URL(page.url()).searchParams.get('dir')).toBe('asc');
    await page.goBack();
    await settled(page, 'back is the order before', ([first]) => first === 'vm-07');
  });

  test('groups by host and by label, which fold', async (context) => {
    const page = await open(context);
    const group = page.getByRole('row', { name: /kvm01/u }).first();
    await group.waitFor();
    await page.getByLabel('Group').selectOption('label:env');
    const hostile = page.getByRole('button', { name: 'Hide the VMs of env=hostile' });
    await hostile.click();
    await settled(page, 'its VMs are folded', (names) => !names.includes(HOSTILE));
    expect(new URL(page.url()).searchParams.get('group')).toBe('label:env');
  });
});

test('a VM that falls silent is told apart by shape, word and reason, and can be filtered', async (context) => {
  const page = await open(context, '/?group=none&sort=name');
  const row = page.getByRole('row').filter({ hasText: 'vm-03' });
  await row.locator('.chip', { hasText: 'Agent' }).waitFor();
  guests?.setSilent(SILENT, true);
  await row.locator('.chip', { hasText: 'None' }).waitFor();
  await page.getByRole('button', { name: /^None/u }).click();
  await settled(page, 'only the silent one', (names) => names.join() === 'vm-03');
  await expect
    .poll(async () => row.locator('.chip').getAttribute('title'), SOON)
    .toBe('the agent cannot be reached');
  guests?.setSilent(SILENT, false);
  await page.getByRole('heading', { name: 'No VM fits' }).waitFor();
});

test('a hostile name is text and nothing else', async (context) => {
  const page = await open(context, '/?q=hostile');
  await settled(page, 'it is found', (names) => names.join() === HOSTILE);
  expect(await page.locator('main img').count()).toBe(0);
  expect(await page.locator('.fleet-group-line, .vm-name').allTextContents()).toContain(HOSTILE);
});

test('by keyboard alone: search, walk, select, open, back', async (context) => {
  const page = await open(context, '/?group=none&sort=name');
  await page.keyboard.press('/');
  await page.keyboard.type('vm-1');
  await settled(page, 'ten fit', (names) => names.length === 10);
  await page.keyboard.press('Enter');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('x');
  await page.getByText('1 selected').waitFor();
  expect(new URL(page.url()).searchParams.get('sel')).not.toBeNull();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/vms\//u);
  await page.goBack();
  await page.getByText('1 selected').waitFor();

  // The only one that fits is opened from the box.
  await page.keyboard.press('/');
  await page.keyboard.type('vm-07');
  await settled(page, 'one fits', (names) => names.join() === 'vm-07');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/vms\//u);
  await page.goBack();

  // Enter on a link or a button is theirs.
  await page.getByRole('link', { name: 'Settings' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  await page.goBack();

  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await page.getByRole('heading', { name: 'Hosts', level: 1 }).waitFor();
});

test('the ids of selected VMs can be taken along', async (context) => {
  const page = await open(context, '/?group=none&sort=name');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByText('2 selected').waitFor();
  await page.getByRole('button', { name: 'Copy ids' }).click();
  await page.getByText('2 copied').waitFor();
  const copied = String(await page.evaluate('navigator.clipboard.readText()'));
  const links = await page.locator('[data-selected="true"] .vm-name').all();
  const hrefs = await Promise.all(links.map(async (link) => link.getAttribute('href')));
  // The lines of the document are in no order.
  const copiedHrefs = copied.split('\n').map((id) => `/vms/${id}`);
  expect(new Set(copiedHrefs)).toStrictEqual(new Set(hrefs));
});

test('on a phone nothing is wider than the screen, and the menu is there', async (context) => {
  const page = await open(context, '/', true);
  for (const path of ['/', '/hosts', '/add', '/tokens', '/settings']) {
    await page.goto(`${manager().url}${path}`);
    await page.locator('h1').waitFor({ state: 'attached' });
    const excess = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect({ path, excess }).toStrictEqual({ path, excess: 0 });
  }
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('link', { name: /^Fleet/u }).click();
  await page.locator('.vm-name').first().waitFor();
});
