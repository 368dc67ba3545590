/** The page of one VM: its charts, their range, and what of it is in the address. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { z } from 'zod';
import { browserOfFile, PHONE } from '../support/browser.ts';
import { registerVm } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import { waitUntil } from '../support/wait-until.ts';
import { startSimulatedGuests, type SimulatedGuests } from '../support/simulated-guests.ts';
import { SOON } from '../support/soon.ts';

const { manager } = managerOfFile();
const browser = browserOfFile();
let guests: SimulatedGuests | undefined;
let path = '';

beforeAll(async () => {
  guests = await startSimulatedGuests(() => ({
    cpu: 0.42,
    memory: 0.5,
    network: 1_000_000,
    disk: 500_000,
  }));
  const { id } = await registerVm(manager(), {
    name: 'web-01',
    guest_ip: '127.50.0.1',
    agent_port: guests.port,
  });
  path = `/vms/${id}`;
});
afterAll(async () => await guests?.close());

const open = async (context: TestContext, query = '', phone = false): Promise<Page> => {
  const page = await browser.open(context, phone ? { viewport: PHONE } : {});
  await signIn(page, { url: manager().url, token: manager().adminToken, path: `${path}${query}` });
  await page.getByRole('heading', { name: 'web-01', level: 1 }).waitFor();
  await page.locator('canvas').first().waitFor();
  return page;
};

const queryOf = (page: Page): string[] => [...new URL(page.url()).searchParams.keys()].toSorted();
const rangeButton = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Time range' }).getByRole('button', { name, exact: true });

test('it is live within seconds, with what the agent says', async (context) => {
  const page = await open(context);
  await page.getByText(/^Last sample/u).waitFor();
  await page.getByText('42', { exact: false }).first().waitFor();
  await expect
    .poll(async () => rangeButton(page, 'Live').getAttribute('aria-current'), SOON)
    .toBe('true');
});

test('the range is in the address: reload, back and a shared link keep it', async (context) => {
  const page = await open(context);
  await rangeButton(page, '1h').click();
  expect(new URL(page.url()).searchParams.get('range')).toBe('1h');
  await page.reload();
  await page.locator('canvas').first().waitFor();
  await expect
    .poll(async () => rangeButton(page, '1h').getAttribute('aria-current'), SOON)
    .toBe('true');
  await page.goBack();
  await page.locator('.vm-ranges [aria-current="true"]', { hasText: 'Live' }).waitFor();
});

test('what one chart is pointed at is seen on all of them, and leaves nothing behind', async (context) => {
  const page = await open(context);
  await page.locator('.chart-figure:text-matches("[0-9]")').first().waitFor();
  // Nothing moves by itself then.
  await page.getByRole('button', { name: 'Pause the charts' }).click();
  const pictures = async (): Promise<string[]> =>
    z
      .array(z.string())
      .parse(
        await page.evaluate(
          `[...document.querySelectorAll('.chart-plot canvas')].map((canvas) => canvas.toDataURL())`,
        ),
      );
  const plot = page.locator('.chart-plot');
  const hover = async (index: number): Promise<void> => {
    const box = await plot.nth(index).boundingBox();
    if (box === null) throw new Error('the chart is not there');
    await page.mouse.move(box.x + box.width - 20, box.y + box.height / 2, { steps: 5 });
  };
  const before = await pictures();
  await hover(0);
  await waitUntil('the crosshair is on each chart', async () => {
    const now = await pictures();
    return now.every((picture, index) => picture !== before[index]);
  });
  await hover(2);
  await page.mouse.move(1, 1);
  await waitUntil('nothing is pointed at', async () => (await pictures())[1] === before[1]);
  expect(await pictures()).toStrictEqual(before);
});

test('dragging over a chart zooms into what was dragged over, and Esc goes back to live', async (context) => {
  const page = await open(context, '?range=15m');
  const box = await page.locator('canvas').first().boundingBox();
  if (box === null) throw new Error('the chart is not there');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=/u);
  expect(queryOf(page)).toStrictEqual(['from', 'to']);
  const zoomed = page.url();

  await page.reload();
  await page.locator('canvas').first().waitFor();
  expect(page.url()).toBe(zoomed);
  await page.keyboard.press('Escape');
  await page.locator('.vm-ranges [aria-current="true"]', { hasText: 'Live' }).waitFor();
  expect(queryOf(page)).toStrictEqual([]);
});

test('on a phone no side of it is wider than the screen', async (context) => {
  const page = await open(context, '', true);
  for (const tab of ['', 'processes', 'system', 'events', 'settings']) {
    await page.goto(`${manager().url}${path}?tab=${tab}`);
    await page.getByRole('heading', { name: 'web-01', level: 1 }).waitFor();
    const excess = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect({ tab, excess }).toStrictEqual({ tab, excess: 0 });
  }
});

test('a VM that does not exist says so', async (context) => {
  const page = await browser.open(context);
  await signIn(page, {
    url: manager().url,
    token: manager().adminToken,
    path: '/vms/00000000-0000-4000-8000-000000000000',
  });
  await page.locator('.empty').waitFor();
  expect(await page.locator('.empty').textContent()).toMatch(/VM/u);
});
