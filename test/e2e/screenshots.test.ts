/**
 * A picture of every page: dark, light, and on a phone. `npm run screenshots` waits until the
 * charts are full and writes them to docs/screenshots; otherwise they go to a temporary folder,
 * and only their being there and small is looked at.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDeployment } from '../../scripts/build/deployment.ts';
import { root } from '../../scripts/root.ts';
import { BUNDLE } from '../support/agent-process.ts';
import { browserOfFile, PHONE } from '../support/browser.ts';
import { demoFleet, type DemoFleet } from '../support/demo-fleet.ts';
import { makeDemoRuns, type DemoRuns } from '../support/demo-runs.ts';
import { writeDemoLogs } from '../support/demo-logs.ts';
import { obtainJournalWriter } from '../support/journal-remote.ts';
import { startLoggingGuest, type LoggingGuest } from '../support/logging-guest.ts';
import { localVmId, registerVm } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import { waitUntil } from '../support/wait-until.ts';

const kept = process.env['SCREENSHOTS_DIR'];
const folder = kept === undefined ? mkdtempSync(join(tmpdir(), 'screenshots-')) : join(root, kept);
/** As long as the live charts reach back. */
const FULL_MS = 5.5 * 60_000;
const START_MS = 60_000;
const MAX_BYTES = 250_000;
const PICTURES_MS = 60_000;

/** Where it is missing there are no pictures of logs. */
const writer = await obtainJournalWriter();
const journal = mkdtempSync(join(tmpdir(), 'screenshots-journal-'));

// What the page to add a VM hands out.
buildDeployment(BUNDLE);
const guestUrl = ['--guest-url', 'http://192.168.1.1:8080'];
const { manager } = managerOfFile(['--local-agent', BUNDLE.path, ...guestUrl]);
const browser = browserOfFile();
let demo: DemoFleet | undefined;
let logging: LoggingGuest | undefined;
let runs: DemoRuns | undefined;
let localId = '';
let newId = '';

beforeAll(
  async () => {
    mkdirSync(folder, { recursive: true });
    demo = await demoFleet(manager(), kept === undefined ? 24 : 240);
    const fullAt = performance.now() + FULL_MS;
    if (kept !== undefined) {
      await waitUntil('the charts are full', () => performance.now() > fullAt, FULL_MS + START_MS);
    }
    localId = await localVmId(manager());
    ({ id: newId } = await registerVm(manager(), { name: 'web-new' }));
    runs = await makeDemoRuns(manager(), localId);
    // Last, so that the lines are of just now.
    if (!writer.ok) return;
    writeDemoLogs(writer, journal, Date.now());
    const place = { name: 'db-007', address: '127.0.0.7' } as const;
    logging = await startLoggingGuest(manager(), { journalPath: journal }, place);
    const found = `/v1/logs/search?vm_id=${logging.vmId}`;
    const hasKept = async (): Promise<boolean> =>
      (await manager().ask(found)).text.includes('tenant_id');
    await waitUntil('its lines are kept', hasKept, START_MS);
  },
  kept === undefined ? 2 * START_MS : FULL_MS + 3 * START_MS,
);
afterAll(async () => {
  await logging?.kill();
  await demo?.close();
  rmSync(journal, { recursive: true });
  if (kept === undefined) rmSync(folder, { recursive: true });
});

/** As large as a picture of it stays small. */
const DESK = { width: 1200, height: 736 } as const;

const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['dark', { colorScheme: 'dark', viewport: DESK }],
  ['light', { colorScheme: 'light', viewport: DESK }],
  ['phone', { colorScheme: 'dark', viewport: PHONE }],
];

/** Those of a VM as they come, and those that are kept of all. */
const logPages = (): readonly (readonly [name: string, path: string, ready: string])[] => [
  ['logs', `/logs?vm=${logging?.vmId ?? ''}&find=tenant_id`, '.log-box mark'],
  ['logs-kept', '/logs?view=kept&range=1h', '.kept-lines .log-line'],
];

/** Where each page is, what is there when it is, and what is pressed before. */
const pages = (): readonly (readonly [
  name: string,
  path: string,
  ready: string,
  press?: string,
])[] => [
  ['fleet', '/', '.vm-name'],
  ['vm', `/vms/${demo?.busyVmId ?? ''}`, 'canvas'],
  ...(writer.ok ? logPages() : []),
  ['run', `/vms/${localId}?tab=run&run=${runs?.single ?? ''}`, '.term-line'],
  ['run-many', `/runs/${runs?.many ?? ''}`, '.run-diff'],
  ['runs', '/runs', '.runs-command'],
  ['commands', '/commands', '.list tbody tr'],
  ['hosts', '/hosts', '.list tbody tr'],
  ['add', '/add', 'form'],
  ['enrol', `/add?vm=${newId}&way=command`, '.enroll-left', 'Make the command'],
  ['tokens', '/tokens', '.list tbody tr'],
  ['settings', '/settings', '.audit-list tbody tr'],
];

test.for(LOOKS)('every page, %s', { timeout: PICTURES_MS }, async ([look, options], context) => {
  const page = await browser.open(context, options);
  const shoot = async (name: string): Promise<void> => {
    const path = join(folder, `${name}-${look}.png`);
    await page.screenshot({ path, animations: 'disabled' });
    const { size } = statSync(path);
    expect({ name, isSmall: size < MAX_BYTES, size }).toMatchObject({ isSmall: true });
  };
  await page.goto(manager().url);
  await page.getByLabel('Token').waitFor();
  await shoot('sign-in');
  await signIn(page, { url: manager().url, token: manager().adminToken });
  for (const [name, path, ready, press] of pages()) {
    // What was before the page was opened comes after the page itself.
    const history =
      name === 'vm'
        ? page.waitForResponse((answer) => answer.url().includes('/metrics/history'))
        : undefined;
    await page.goto(`${manager().url}${path}`);
    await (await history)?.finished();
    if (press !== undefined) await page.getByRole('button', { name: press }).click();
    await page.locator(ready).first().waitFor();
    await page.locator('.top-tools .live-dot[data-state="live"]').waitFor();
    await page.waitForLoadState('networkidle');
    await shoot(name);
  }
});
