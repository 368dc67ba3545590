/**
 * The viewer of logs while the parts that it stands on go away in turn: it says so, goes on by itself,
 * and shows each line that was written, once.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { browserOfFile } from '../support/browser.ts';
import { startLoggingGuest, type LoggingGuest } from '../support/logging-guest.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { startManager } from '../support/manager-process.ts';
import { startJournald, type Journald } from '../support/private-journald.ts';
import { signIn } from '../support/sign-in.ts';
import { startWire, type Wire } from '../support/wire.ts';

const ADDRESS = '127.0.0.63';
const started = await startJournald();
const file = managerOfFile();
const browser = browserOfFile();

/** A stream on which nothing comes is given up after 40 s, and asked for again within 15. */
const AWAY_MS = 90_000;
const TEST_MS = 180_000;

const numbered = (prefix: string, from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `${prefix} ${from + at}.`);

describe.skipIf(!started.ok)('logs', () => {
  let journald: Journald;
  let guest: LoggingGuest;
  let wire: Wire;

  beforeAll(async () => {
    if (!started.ok) return;
    ({ journald } = started);
    guest = await startLoggingGuest(file.manager(), journald, { name: 'db-01', address: ADDRESS });
    wire = await startWire({ host: ADDRESS, to: { host: ADDRESS, port: guest.port } });
    const path = `/v1/vms/${guest.vmId}`;
    const json = { agent_port: wire.port };
    const reply = await file.manager().ask(path, { method: 'PATCH', json });
    expect(reply.status).toBe(200);
  });
  afterAll(async () => {
    if (!started.ok) return;
    await guest.kill();
    await wire.stop();
    await journald.stop();
  });

  const open = async (context: TestContext, url = file.manager().url): Promise<Page> => {
    const page = await browser.open(context, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const path = `/vms/${guest.vmId}?tab=logs`;
    await signIn(page, { url, token: file.manager().adminToken, path });
    await live(page);
    return page;
  };
  const live = async (page: Page): Promise<void> =>
    page.locator('.log-foot .live-dot[data-state="live"]').waitFor({ timeout: AWAY_MS });
  const shown = async (page: Page, text: string): Promise<void> =>
    page
      .locator('.log-box .log-line:not(.log-note)', { hasText: text })
      .waitFor({ timeout: AWAY_MS });
  const told = async (page: Page, words: RegExp): Promise<void> =>
    page.locator('.log-notice', { hasText: words }).first().waitFor({ timeout: AWAY_MS });
  /** Each line with this prefix, as the viewer copies them. */
  const copied = async (page: Page, prefix: string): Promise<readonly string[]> => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Copy all that fit the filter' }).click();
    await page.getByText('lines copied').waitFor();
    await page.keyboard.press('Escape');
    const lines = String(await page.evaluate('navigator.clipboard.readText()')).split('\n');
    return lines.flatMap((text) => {
      const at = text.lastIndexOf(`${prefix} `);
      return at === -1 ? [] : [text.slice(at)];
    });
  };

  /** Lines before, while it is away, and after; `away` breaks it and returns what mends it. */
  const outage = async (
    page: Page,
    prefix: string,
    away: () => Promise<() => Promise<void>>,
  ): Promise<{ shown: readonly string[]; isWhole: boolean }> => {
    await journald.write(prefix, numbered(prefix, 1, 20));
    await shown(page, `${prefix} 20.`);
    const mend = await away();
    await journald.write(prefix, numbered(prefix, 21, 300));
    await mend();
    await shown(page, `${prefix} 300.`);
    await live(page);
    await journald.write(prefix, numbered(prefix, 301, 310));
    await shown(page, `${prefix} 310.`);
    const foot = await page.locator('.log-foot').textContent();
    return { shown: await copied(page, prefix), isWhole: foot?.includes('0 dropped') === true };
  };
  const allOf = (prefix: string) => ({ shown: numbered(prefix, 1, 310), isWhole: true });

  test(
    'outlive the manager',
    async (context) => {
      const page = await open(context);
      const outcome = await outage(page, 'managed', async () => {
        const { adminToken, port } = file.manager();
        await file.manager().kill();
        await page.locator('.live-mark', { hasText: 'Reconnecting' }).first().waitFor();
        return async () => {
          file.replace(
            await startManager({
              databaseUrl: file.databaseUrl(),
              args: ['--listen', `127.0.0.1:${port}`],
              variables: { INNKEEPER_ADMIN_TOKEN: adminToken },
            }),
          );
        };
      });
      expect(outcome).toStrictEqual(allOf('managed'));
    },
    TEST_MS,
  );

  test(
    'outlive an agent that stands still',
    async (context) => {
      const page = await open(context);
      const outcome = await outage(page, 'stopped', async () => {
        guest.signal('SIGSTOP');
        await told(page, /No new lines/u);
        return async () => guest.signal('SIGCONT');
      });
      expect(outcome).toStrictEqual(allOf('stopped'));
    },
    TEST_MS,
  );

  test(
    'outlive a network to the guest that swallows everything, and forgets its connections',
    async (context) => {
      const page = await open(context);
      const outcome = await outage(page, 'swallowed', async () => {
        wire.swallow();
        await told(page, /No new lines/u);
        return async () => {
          wire.cut();
          wire.heal();
        };
      });
      expect(outcome).toStrictEqual(allOf('swallowed'));
    },
    TEST_MS,
  );

  test(
    'outlive a network to the manager that swallows everything, and forgets its connections',
    async (context) => {
      const { host, port } = file.manager();
      const near = await startWire({ host, to: { host, port } });
      try {
        const page = await open(context, `http://${host}:${near.port}`);
        const outcome = await outage(page, 'browsed', async () => {
          near.swallow();
          await page
            .locator('.live-mark', { hasText: /Reconnecting|Offline/u })
            .first()
            .waitFor({ timeout: AWAY_MS });
          return async () => {
            near.cut();
            near.heal();
          };
        });
        expect(outcome).toStrictEqual(allOf('browsed'));
      } finally {
        await near.stop();
      }
    },
    TEST_MS,
  );
});
