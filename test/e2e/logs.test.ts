/** Logs from a real journal to a real browser: what is written is seen, once, and what happened is said. */
import type { Locator, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { axeViolations } from '../support/axe.ts';
import { browserOfFile, DESKTOP, PHONE } from '../support/browser.ts';
import { startLoggingGuest, type LoggingGuest } from '../support/logging-guest.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { startJournald, type Journald } from '../support/private-journald.ts';
import { signIn } from '../support/sign-in.ts';
import { SOON } from '../support/soon.ts';
import { waitUntil } from '../support/wait-until.ts';

const started = await startJournald();
const { manager } = managerOfFile();
const browser = browserOfFile();

const AWAY_MS = 20_000;

describe.skipIf(!started.ok)('logs', () => {
  let journald: Journald;
  let guest: LoggingGuest;
  let other: LoggingGuest;

  beforeAll(async () => {
    if (!started.ok) return;
    ({ journald } = started);
    guest = await startLoggingGuest(manager(), journald, { name: 'db-01', address: '127.0.0.61' });
    other = await startLoggingGuest(manager(), journald, { name: 'web-01', address: '127.0.0.62' });
    await journald.write('postgres', ['<6>checkpoint complete', '<4>slow statement tenant_id=7']);
  });
  afterAll(async () => {
    if (!started.ok) return;
    await guest.kill();
    await other.kill();
    await journald.stop();
  });

  const linesOf = (page: Page): Locator => page.locator('.log-box .log-line:not(.log-note)');
  const line = (page: Page, text: string): Locator => linesOf(page).filter({ hasText: text });
  const search = (page: Page): Locator => page.getByLabel('Search in these lines');
  const jump = (page: Page): Locator => page.locator('.log-jump');
  const live = async (page: Page): Promise<void> => {
    await page.locator('.log-foot .live-dot[data-state="live"]').waitFor();
  };
  const open = async (
    context: TestContext,
    query = '',
    options: { path?: string; viewport?: typeof DESKTOP | typeof PHONE } = {},
  ): Promise<Page> => {
    const page = await browser.open(context, {
      viewport: options.viewport ?? DESKTOP,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const path = options.path ?? `/vms/${guest.vmId}?tab=logs${query}`;
    await signIn(page, { url: manager().url, token: manager().adminToken, path });
    return page;
  };
  /** All lines that the filter lets through, as the viewer copies them. */
  const copied = async (page: Page): Promise<readonly string[]> => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Copy all that fit the filter' }).click();
    await page.getByText('lines copied').waitFor();
    await page.keyboard.press('Escape');
    return String(await page.evaluate('navigator.clipboard.readText()')).split('\n');
  };
  const messagesOf = (lines: readonly string[], prefix: string): readonly string[] =>
    lines.flatMap((text) => {
      const at = text.lastIndexOf(prefix);
      return at === -1 ? [] : [text.slice(at)];
    });
  const numbered = (prefix: string, from: number, to: number): readonly string[] =>
    Array.from({ length: to - from + 1 }, (_, at) => `${prefix} ${from + at}.`);

  test('a line that is written is seen at once, with its time, unit and level', async (context) => {
    const page = await open(context);
    await live(page);
    await line(page, 'slow statement').waitFor();
    await journald.write('app', ['<3>it broke']);
    const row = line(page, 'it broke');
    await row.waitFor();
    expect(await row.getAttribute('data-level')).toBe('error');
    await expect.poll(async () => row.locator('.log-unit').textContent(), SOON).toBe('app');
    await expect
      .poll(async () => row.locator('.log-time').textContent(), SOON)
      .toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/u);
    await page.getByRole('button', { name: /^Error/u }).click();
    await line(page, 'slow statement').waitFor({ state: 'detached' });
    await row.waitFor();
  });

  test('a search marks, counts and goes from match to match; it is in the address', async (context) => {
    await journald.write('needles', numbered('a needle', 1, 5));
    const page = await open(context);
    await line(page, 'a needle 5.').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('Needle');
    await page.locator('.log-search em', { hasText: /^5 of/u }).waitFor();
    // Typed letter by letter, so for a moment the marks are shorter.
    await page
      .locator('.log-box mark', { hasText: /^needle$/u })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('needle');
    await page.keyboard.press('Enter');
    const current = page.locator('.log-line[data-current]');
    await current.waitFor();
    const first = await current.textContent();
    await page.locator('.log-box').focus();
    await page.keyboard.press('n');
    await page.locator('.log-search em', { hasText: /^\d\/5 of/u }).waitFor();
    await expect.poll(async () => current.textContent(), SOON).not.toBe(first);
    await page.keyboard.press('N');
    await waitUntil('it is the first again', async () => (await current.textContent()) === first);
    await page.getByRole('button', { name: 'Only', exact: true }).click();
    await waitUntil('only matches are there', async () => (await linesOf(page).count()) === 5);
    await page.reload();
    await waitUntil('so after a reload', async () => (await linesOf(page).count()) === 5);
    await expect.poll(async () => search(page).inputValue(), SOON).toBe('needle');
  });

  test('it stands still by key, by scrolling and under the pointer, and says what has come', async (context) => {
    await journald.write('filler', numbered('filler', 1, 80));
    const page = await open(context);
    await line(page, 'filler 80.').waitFor();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Paused' }).waitFor();
    await journald.write('pausing', numbered('while paused', 1, 3));
    await jump(page).filter({ hasText: 'Jump to live, 3 new lines' }).waitFor();
    const edge = await page.locator('.log-box').boundingBox();
    const came = await line(page, 'while paused 1.').boundingBox();
    expect(came?.y).toBeGreaterThanOrEqual((edge?.y ?? 0) + (edge?.height ?? 0) - 1);
    await page.keyboard.press('Shift+G');
    await line(page, 'while paused 3.').waitFor();
    await expect.poll(async () => jump(page).count(), SOON).toBe(0);

    await page.locator('.log-box').hover();
    await journald.write('pausing', ['under the pointer']);
    await jump(page).filter({ hasText: '1 new line' }).waitFor();
    await page.mouse.wheel(0, -200);
    await page.mouse.move(5, 5);
    await jump(page).filter({ hasText: '1 new line' }).waitFor();
    await jump(page).click();
    await page.mouse.move(5, 5);
    await line(page, 'under the pointer').waitFor();
  });

  test('units are chosen with their counts, and clearing is only of the view', async (context) => {
    await journald.write('chosen', numbered('of the chosen', 1, 4));
    const page = await open(context);
    await line(page, 'of the chosen 4.').waitFor();
    await page.getByRole('button', { name: 'All units' }).click();
    const choice = page
      .getByRole('group', { name: 'Units' })
      .locator('label', { hasText: 'chosen' });
    await expect.poll(async () => choice.textContent(), SOON).toBe('chosen4');
    await choice.locator('input').check();
    await waitUntil('only its lines', async () => (await linesOf(page).count()) === 4);
    expect(new URL(page.url()).searchParams.getAll('unit')).toStrictEqual(['chosen']);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Cleared: only in this view').waitFor();
    await journald.write('chosen', ['of the chosen 5.']);
    await line(page, 'of the chosen 5.').waitFor();
    await expect.poll(async () => linesOf(page).count(), SOON).toBe(1);
    await page.getByRole('button', { name: 'Show them again' }).click();
    await waitUntil('all five', async () => (await linesOf(page).count()) === 5);
  });

  test('hostile text is text: nothing of it acts, colours aside', async (context) => {
    await journald.write('hostile', [
      '<img src=x onerror="document.title=1"> \u001B[2J\u001B]0;owned\u0007 \u202Eexe.gnp',
      '\u001B[1;31mred\u001B[0m and plain',
      'the end',
    ]);
    const page = await open(context, '&unit=hostile');
    const row = line(page, '<img src=x');
    await row.waitFor();
    expect(await row.locator('.log-text').textContent()).toBe(
      '<img src=x onerror="document.title=1"> ^[[2J^[]0;owned^G ‹U+202E›exe.gnp',
    );
    expect(await page.locator('.log-box img').count()).toBe(0);
    await page.locator('.log-text .sgr-bold.sgr-front-1', { hasText: 'red' }).waitFor();
  });

  test('long lines wrap, and all of one is in its details', async (context) => {
    const long = `long ${'0123456789'.repeat(1_500)} end`;
    // Longer than journald takes in one line unless it is told to.
    await journald.write('long', ['before', `${long.slice(0, 15_000)} end`, 'after']);
    const page = await open(context, '&unit=long');
    const row = line(page, 'long 0123');
    await row.waitFor();
    const height = async (): Promise<number> => (await row.boundingBox())?.height ?? 0;
    expect(await height()).toBe(18);
    await page.getByRole('button', { name: 'Wrap' }).click();
    await row.getByText('13,004 more characters').waitFor();
    expect(await height()).toBeGreaterThan(18 * 8);
    await line(page, 'after').waitFor();
    const box = await row.boundingBox();
    const after = await line(page, 'after').boundingBox();
    expect(after?.y).toBeCloseTo((box?.y ?? 0) + (box?.height ?? 0), 0);
    await row.click({ position: { x: 300, y: 5 } });
    const details = page.getByRole('complementary', { name: 'The chosen line' });
    await details.getByText('_PID').waitFor();
    await details.getByRole('button', { name: /^Show more/u }).click();
    expect((await details.locator('.log-message').textContent())?.endsWith(' end')).toBe(true);
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
  });

  test('what is copied of a line is safe to paste, and its JSON is exact', async (context) => {
    const hostile = 'fine\u001B[201~ rm -rf / \u202E';
    await journald.write('pasted', [hostile, 'the end']);
    const page = await open(context, '&unit=pasted');
    await line(page, 'fine').click();
    const clipboard = async (): Promise<string> =>
      String(await page.evaluate('navigator.clipboard.readText()'));
    await page.getByRole('button', { name: 'Message', exact: true }).click();
    await page.getByText('Message copied').waitFor();
    expect(await clipboard()).toBe('fine^[[201~ rm -rf / ‹U+202E›');
    await page.getByRole('button', { name: 'JSON', exact: true }).click();
    await page.getByText('JSON copied').waitFor();
    const json = await clipboard();
    expect(json).toContain(String.raw`\u001b[201~`);
    expect(json).toContain(String.raw`\u202e`);
    expect(JSON.parse(json)).toMatchObject({ message: hostile, vm: 'db-01' });
  });

  test('a cut connection loses no line and shows none twice', async (context) => {
    const page = await open(context, '', { path: '/settings' });
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket(/socket\.io/u, (socket) => {
      sockets.push(socket);
      socket.connectToServer();
    });
    await page.goto(`${manager().url}/vms/${guest.vmId}?tab=logs`);
    await live(page);
    await journald.write('cut', numbered('cut', 1, 20));
    await line(page, 'cut 20.').waitFor();
    for (const socket of sockets) await socket.close();
    await page
      .locator('.live-mark', { hasText: /Reconnecting|Offline/u })
      .first()
      .waitFor();
    await journald.write('cut', numbered('cut', 21, 300));
    await line(page, 'cut 300.').waitFor({ timeout: AWAY_MS });
    expect(messagesOf(await copied(page), 'cut ')).toStrictEqual(numbered('cut', 1, 300));
    await expect
      .poll(async () => page.locator('.log-foot').textContent(), SOON)
      .toContain('0 dropped');
  });

  test('an agent that dies and comes back leaves a line that says so, and none out', async (context) => {
    const page = await open(context);
    await live(page);
    await journald.write('dying', numbered('dying', 1, 10));
    await line(page, 'dying 10.').waitFor();
    await guest.kill();
    await page.locator('.log-notice', { hasText: 'No new lines: the agent' }).waitFor();
    await line(page, 'dying 10.').waitFor();
    await journald.write('dying', numbered('dying', 11, 200));
    await guest.restart();
    await line(page, 'dying 200.').waitFor({ timeout: AWAY_MS });
    await live(page);
    expect(messagesOf(await copied(page), 'dying ')).toStrictEqual(numbered('dying', 1, 200));
    await search(page).fill('dying 11.');
    await search(page).press('Enter');
    await page.locator('.log-note', { hasText: 'Agent reconnected' }).waitFor();
  });

  test('earlier lines come when one scrolls up to the first, each once', async (context) => {
    await journald.write('many', numbered('many', 1, 1_800));
    const page = await open(context, '&unit=many');
    await line(page, 'many 1800.').waitFor();
    await waitUntil(
      'all of them are there',
      async () => {
        await page.evaluate(`document.querySelector('.log-box').scrollTo(0, 0)`);
        return (await line(page, 'many 1.').count()) === 1;
      },
      AWAY_MS,
    );
    await jump(page).waitFor();
    expect(messagesOf(await copied(page), 'many ')).toStrictEqual(numbered('many', 1, 1_800));
    await page.keyboard.press('Shift+G');
    await line(page, 'many 1800.').waitFor();
  });

  test('a permalink leads back to the line among those that were around it', async (context) => {
    await journald.write('linked', numbered('linked', 1, 30));
    const page = await open(context);
    await line(page, 'linked 15.').click();
    const details = page.getByRole('complementary', { name: 'The chosen line' });
    await details.getByRole('button', { name: 'Permalink' }).click();
    await details.getByText('Link copied').waitFor();
    const link = String(await page.evaluate('navigator.clipboard.readText()'));
    await journald.write('linked', numbered('linked', 31, 1_500));
    await page.goto(link);
    await page.locator('.log-line[data-current]', { hasText: 'linked 15.' }).waitFor();
    await page.getByText('not what comes now').waitFor();
    // And on to what came after, as far as one scrolls.
    await waitUntil(
      'the last of them is there',
      async () => {
        await page.evaluate(`document.querySelector('.log-box').scrollTo(0, 1e9)`);
        return (await line(page, 'linked 1500.').count()) === 1;
      },
      AWAY_MS,
    );
    await jump(page).click();
    await live(page);
    expect(new URL(page.url()).searchParams.get('at')).toBeNull();
  });

  test('what is selected across lines stands still, and is copied as lines', async (context) => {
    await journald.write('selected', numbered('selected', 1, 4));
    const page = await open(context, '&unit=selected');
    const first = await line(page, 'selected 2.').locator('.log-text').boundingBox();
    const last = await line(page, 'selected 3.').locator('.log-text').boundingBox();
    if (first === null || last === null) throw new Error('the lines are not there');
    await page.mouse.move(first.x + 2, first.y + 9);
    await page.mouse.down();
    await page.mouse.move(last.x + 60, last.y + 9, { steps: 4 });
    await page.mouse.up();
    await page.mouse.move(5, 5);
    await page.keyboard.press('Control+C');
    const text = String(await page.evaluate('navigator.clipboard.readText()'));
    expect(text).toMatch(/^\S+Z info selected selected 2\.\n\S+Z info selected selected 3\.$/u);
    await journald.write('selected', ['selected 5.']);
    await jump(page).filter({ hasText: '1 new line' }).waitFor();
    await jump(page).click();
    await jump(page).waitFor({ state: 'detached' });
  });

  test('the selected VMs of the fleet are taken to their logs', async (context) => {
    const page = await open(context, '', { path: '/?group=none&sort=name' });
    await page.locator('.vm-name', { hasText: 'web-01' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByRole('main').getByRole('link', { name: 'Logs' }).click();
    await page.locator('.log-foot', { hasText: 'Live 2 of 2' }).waitFor();
    expect(new URL(page.url()).searchParams.getAll('vm').toSorted()).toStrictEqual(
      [guest.vmId, other.vmId].toSorted(),
    );
  });

  test('another of the guest’s logs is a choice away, and in the address', async (context) => {
    const page = await open(context);
    await live(page);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('radio', { name: /^Agent/u }).click();
    await page.waitForURL(/source=agent/u);
    await linesOf(page).first().waitFor();
    const units = new Set(await linesOf(page).locator('.log-unit').allTextContents());
    expect([...units]).toStrictEqual(['guest-agent']);
    await page.getByRole('button', { name: 'Agent', exact: true }).click();
    await page.getByRole('radio', { name: /^Automatic/u }).click();
    await page
      .locator('.log-unit', { hasText: 'guest-agent' })
      .first()
      .waitFor({ state: 'detached' });
    await linesOf(page).first().waitFor();
    expect(new URL(page.url()).searchParams.has('source')).toBe(false);
  });

  test('a file of them can be taken along', async (context) => {
    await journald.write('taken', ['taken along']);
    const page = await open(context);
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByLabel('The last 15 minutes').check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Text' }).click(),
    ]);
    const stream = await download.createReadStream();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).toContain('taken along');
  });

  test('several VMs in one view, each with its name, in the order of time', async (context) => {
    const path = `/logs?vm=${guest.vmId}&vm=${other.vmId}&unit=both`;
    const page = await open(context, '', { path });
    await page.locator('.log-foot', { hasText: 'Live 2 of 2' }).waitFor();
    await journald.write('both', numbered('both', 1, 3));
    await waitUntil('each is there twice', async () => (await linesOf(page).count()) === 6);
    const names = await linesOf(page).locator('.log-vm').allTextContents();
    expect(names.toSorted()).toStrictEqual([
      ...Array.from({ length: 3 }, () => 'db-01'),
      ...Array.from({ length: 3 }, () => 'web-01'),
    ]);
    const times = await linesOf(page).locator('.log-time').allTextContents();
    expect(times).toStrictEqual(times.toSorted());
    const chosen = linesOf(page).filter({ hasText: 'db-01' }).filter({ hasText: 'both 2.' });
    await chosen.click();
    const details = page.getByRole('complementary', { name: 'The chosen line' });
    await details.locator('.log-message', { hasText: 'both 2.' }).waitFor();
    await journald.write('both', numbered('both', 4, 30));
    await waitUntil(
      'they are there',
      async () => (await page.locator('.log-foot').textContent())?.includes('60 shown') === true,
    );
    await expect.poll(async () => details.textContent(), SOON).toContain('db-01');
    await expect
      .poll(async () => details.locator('.log-message').textContent(), SOON)
      .toBe('both 2.');
    await expect
      .poll(async () => page.locator('.log-line[data-current]').textContent(), SOON)
      .toContain('both 2.');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Without web-01' }).click();
    await waitUntil('one is left', async () => (await line(page, 'both 30.').count()) === 1);
  });

  test('arrow keys move along the lines over time, and only Enter goes there', async (context) => {
    await journald.write('over time', ['<3>the first of them']);
    const page = await open(context, '', { path: '/logs?view=kept&range=1h' });
    const bars = page.getByRole('slider', { name: 'Kept lines over time' });
    await bars.focus();
    const before = page.url();
    const newest = await bars.getAttribute('aria-valuenow');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.locator('.log-cursor').waitFor();
    expect(Number(newest) - Number(await bars.getAttribute('aria-valuenow'))).toBe(2);
    expect(page.url()).toBe(before);
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=\d+/u);
  });

  test('kept lines of the whole fleet are searched, and lead to their VM at that moment', async (context) => {
    await journald.write('kept', ['<3>to be found again', '<6>not worth keeping']);
    const page = await open(context, '', { path: '/logs?view=kept&range=1h' });
    await page.getByLabel('Text').fill('found again');
    await page.waitForURL(/q=found/u);
    const found = page.getByRole('list', { name: 'Kept lines, newest first' }).getByRole('link');
    await waitUntil(
      'both VMs have it',
      async () => {
        // What is searched was kept a moment later than it was seen.
        await page.reload();
        await page.locator('.kept-lines, .kept .empty').waitFor();
        return (await found.count()) === 2;
      },
      AWAY_MS,
    );
    await expect
      .poll(async () => found.locator('mark').first().textContent(), SOON)
      .toBe('found again');
    await found.filter({ hasText: 'db-01' }).click();
    await page.locator('.log-line[data-current]', { hasText: 'to be found again' }).waitFor();
    await page.getByRole('heading', { name: 'db-01', level: 1 }).waitFor();
    await line(page, 'not worth keeping').waitFor();
  });

  test('who decides what is kept can change it', async (context) => {
    const page = await open(context, '', { path: '/settings' });
    const policies = page.getByRole('table', { name: 'Policies of kept logs' });
    await page.getByRole('button', { name: 'Add one for labels' }).click();
    await policies.getByLabel('Labels of policy 1').fill('not a selector');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    await policies.getByLabel('Labels of policy 1').fill('env=prod');
    await policies.getByLabel('What policy 1 keeps').selectOption('info');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.reload();
    await expect
      .poll(async () => policies.getByLabel('Labels of policy 1').inputValue(), SOON)
      .toBe('env=prod');
    await expect
      .poll(async () => policies.getByLabel('What policy 1 keeps').inputValue(), SOON)
      .toBe('info');
  });

  test('the strip on the overview is open where it was left open', async (context) => {
    const page = await open(context, '', { path: `/vms/${guest.vmId}` });
    await page.getByRole('button', { name: 'Show log' }).click();
    await journald.write('strip', ['for a glance']);
    await page.locator('.log-strip .log-line', { hasText: 'for a glance' }).waitFor();
    await page.reload();
    await page.locator('.log-strip .log-line', { hasText: 'for a glance' }).waitFor();
    await page.getByRole('button', { name: 'Hide log' }).click();
    await expect.poll(async () => page.locator('.log-strip .log-line').count(), SOON).toBe(0);
  });

  test.for([
    ['on a desk', DESKTOP],
    ['on a phone', PHONE],
  ] as const)(
    '%s it fits, and axe finds nothing in either theme',
    async ([, viewport], context) => {
      const page = await open(context, '&find=tenant', { viewport });
      await linesOf(page).first().waitFor();
      await page.keyboard.press('Space');
      await linesOf(page).last().click();
      await page.getByRole('complementary', { name: 'The chosen line' }).waitFor();
      const excess = await page.evaluate(
        'document.documentElement.scrollWidth - window.innerWidth',
      );
      expect(excess).toBe(0);
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await axeViolations(page)).toStrictEqual([]);
      }
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'More' }).click();
      expect(await axeViolations(page)).toStrictEqual([]);
    },
  );
});
