/** Pages of a real browser for a test file. What goes wrong in a page fails the test that opened it. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, vi, type TestContext } from 'vitest';
import { takeFolderLock } from '../../scripts/bootstrap/folder-lock.mjs';
import { buildPages } from '../../scripts/build/pages.ts';
import { root } from '../../scripts/root.ts';
import { obtainChromium } from './chromium.ts';
import { orSkip } from './obtained.ts';

const BUILD_MS = 120_000;
/** For anything that is waited for; a test has longer, since a browser is slow on a busy machine. */
const WAIT_MS = 15_000;
vi.setConfig({ testTimeout: 45_000, hookTimeout: 60_000 });

const isRoot = process.getuid?.() === 0;

/** No page is of yesterday; cheap when nothing changed. One build at a time, it empties its folder. */
const build = async (): Promise<void> => {
  const lock = await takeFolderLock(`${root}/.cache/pages.lock`, {
    onWait: () => {},
    timeoutMs: BUILD_MS,
  });
  if (!lock.ok) throw new Error('another test file builds the pages, and does not come to an end');
  try {
    await buildPages();
  } finally {
    lock.release();
  }
};

await build();

export const DESKTOP = { width: 1440, height: 940 } as const;
export const PHONE = { width: 390, height: 844 } as const;

export interface BrowserOfFile {
  /** A page that nobody is signed in to, with a memory of its own. */
  open(context: TestContext, options?: BrowserContextOptions): Promise<Page>;
}

/**
 * What Chromium says of refusals that the page explains, of a manager that was stopped or cut off, and
 * of a header that counts with HTTPS and on loopback only.
 */
const EXPECTED =
  /Cross-Origin-Opener-Policy header has been ignored|status of (?:401|404|409|422|502|504)|ERR_(?:CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)|ERR_SOCKET_NOT_CONNECTED|WebSocket connection to/u;

const MAX_PROBLEMS = 3;

/** Each once: a page that fails at each second's news would tell it hundreds of times. */
const watch = (page: Page): ReadonlySet<string> => {
  const problems = new Set<string>();
  const add = (problem: string): void => {
    if (problems.size < MAX_PROBLEMS) problems.add(problem);
  };
  page.on('pageerror', (error) => add(`threw ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    const isProblem = message.type() === 'error' || message.type() === 'warning';
    if (isProblem && !EXPECTED.test(message.text())) add(`said ${message.text()}`);
  });
  return problems;
};

export const browserOfFile = (): BrowserOfFile => {
  let started: Promise<Browser> | undefined;
  afterAll(async () => {
    await (await started)?.close();
  });
  const browserFor = async (context: TestContext): Promise<Browser> => {
    const { path } = orSkip(context, 'Chromium', await obtainChromium());
    started ??= chromium.launch({
      executablePath: path,
      // Chromium's sandbox refuses to run as root.
      args: isRoot ? ['--no-sandbox'] : [],
    });
    return started;
  };
  return {
    open: async (context, options = {}) => {
      const browser = await browserFor(context);
      const opened = await browser.newContext({
        viewport: DESKTOP,
        colorScheme: 'dark',
        locale: 'en-GB',
        timezoneId: 'UTC',
        ...options,
      });
      opened.setDefaultTimeout(WAIT_MS);
      const page = await opened.newPage();
      const problems = watch(page);
      context.onTestFinished(async () => {
        await opened.close();
        if (problems.size > 0) throw new Error(`the page ${[...problems].join('; ')}`);
      });
      return page;
    },
  };
};
