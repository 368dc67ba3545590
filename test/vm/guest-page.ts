/** The page of a guest in a real browser, in the network of the guests. */
import type { Page } from 'playwright-core';
import type { TestContext } from 'vitest';
import { z } from 'zod';
import type { BrowserOfFile } from '../support/browser.ts';
import { signIn } from '../support/sign-in.ts';
import type { Product, ProductGuest } from './product.ts';

/** The guest takes the processors that the browser would have. */
const WAIT_MS = 180_000;

/**
 * How much of the upper third of the chart is in the colour of a series. Lines of the grid and
 * letters are grey; colours lie over them half transparent.
 */
const COUNT_COLOURED = `(() => {
  const canvas = document.querySelector('[aria-labelledby="chart-cpu"] canvas');
  const copy = new OffscreenCanvas(canvas.width, Math.floor(canvas.height / 3));
  // Of a canvas that is drawn to, Chromium does not like to be read.
  const picture = copy.getContext('2d', { willReadFrequently: true });
  picture.drawImage(canvas, 0, 0);
  const { data } = picture.getImageData(0, 0, copy.width, copy.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const colour = [data[at], data[at + 1], data[at + 2]];
    if (data[at + 3] > 20 && Math.max(...colour) - Math.min(...colour) > 40) count += 1;
  }
  return count;
})()`;

export interface GuestPage {
  readonly page: Page;
  /** Of the CPU; NaN while there is none. */
  readonly cpuFigure: () => Promise<number>;
  /** Grows with how long the CPU was busy for more than two thirds. */
  readonly colouredAtTheTop: () => Promise<number>;
}

export const openGuestPage = async (
  context: TestContext,
  browser: BrowserOfFile,
  { manager }: Product,
  { vmId }: ProductGuest,
  query = '',
): Promise<GuestPage> => {
  const page = await browser.open(context);
  page.setDefaultTimeout(WAIT_MS);
  const { url, adminToken: token } = manager;
  await signIn(page, { url, token, path: `/vms/${vmId}${query}` });
  const cpu = page.locator('[aria-labelledby="chart-cpu"]');
  return {
    page,
    cpuFigure: async () =>
      Number.parseFloat((await cpu.locator('.chart-figure').innerText()) || '-'),
    colouredAtTheTop: async () => z.int().parse(await page.evaluate(COUNT_COLOURED)),
  };
};
