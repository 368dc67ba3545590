/** A browser of its own for each thing that is measured, so that none pays for what another left. */
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import { obtainChromium } from '../../support/chromium.ts';

export interface OpenPage {
  readonly page: Page;
  readonly cdp: CDPSession;
  /** Of the browser itself: it knows its processes. */
  readonly browserCdp: CDPSession;
}

export interface Browsers {
  readonly version: string;
  withPage<Value>(work: (open: OpenPage) => Promise<Value>): Promise<Value>;
}

const VIEWPORT = { width: 1440, height: 940 } as const;
/** For anything that a page is waited for. */
const WAIT_MS = 60_000;
const isRoot = process.getuid?.() === 0;

const launch = async (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Chromium's sandbox refuses to run as root.
    args: isRoot ? ['--no-sandbox'] : [],
    // The benchmark listens to signals itself.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });

export const makeBrowsers = async (signal: AbortSignal): Promise<Browsers> => {
  const obtained = await obtainChromium();
  if (!obtained.ok) throw new Error(`${obtained.reason}. To have it: ${obtained.install}`);
  const { path, version } = obtained;
  return {
    version,
    withPage: async (work) => {
      signal.throwIfAborted();
      const browser = await launch(path);
      const close = (): void => {
        void browser.close();
      };
      signal.addEventListener('abort', close, { once: true });
      try {
        const context = await browser.newContext({
          viewport: VIEWPORT,
          colorScheme: 'dark',
          locale: 'en-GB',
          timezoneId: 'UTC',
        });
        context.setDefaultTimeout(WAIT_MS);
        const page = await context.newPage();
        let problem: Error | undefined;
        page.on('pageerror', (error) => {
          problem ??= error;
        });
        const cdp = await context.newCDPSession(page);
        const browserCdp = await browser.newBrowserCDPSession();
        const value = await work({ page, cdp, browserCdp });
        if (problem !== undefined) throw new Error(`the page threw ${problem.message}`);
        return value;
      } finally {
        signal.removeEventListener('abort', close);
        await browser.close();
      }
    },
  };
};
