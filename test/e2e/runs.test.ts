/** Commands from the pages: on one VM and on many, while they run and after. */
import { runCreatedSchema } from '@innkeeper/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import {
  startFakeExecAgent,
  type FakeExecAgent,
} from '../../apps/manager/src/runs/testing/fake-exec-agent.ts';
import { BUNDLE } from '../support/agent-process.ts';
import { axeViolations } from '../support/axe.ts';
import { browserOfFile, PHONE } from '../support/browser.ts';
import { createToken, localVmId, registerVm } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import { SOON } from '../support/soon.ts';
import { waitUntil } from '../support/wait-until.ts';

const { manager } = managerOfFile(['--local-agent', BUNDLE.path]);
const browser = browserOfFile();
let vmId = '';

const GUESTS = 4;
const agents: FakeExecAgent[] = [];

/** Guests that run nothing, and say that they did; the third fails. */
const startGuests = async (): Promise<void> => {
  for (let index = 1; index <= GUESTS; index += 1) {
    const agent = await startFakeExecAgent(`127.60.0.${index}`);
    agents.push(agent);
    agent.onBegin((command) => {
      command.output('checking\n');
      if (index === 3) command.output('<b>disk is full</b>\n', 'stderr');
      command.exit(index === 3 ? 1 : 0);
    });
    await registerVm(manager(), {
      name: `web-0${index}`,
      guest_ip: agent.host,
      agent_port: agent.port,
      labels: { role: 'web' },
    });
  }
};
afterAll(async () => Promise.all(agents.map(async (agent) => agent.stop())));

beforeAll(async () => {
  vmId = await localVmId(manager());
  await startGuests();
});

const openVm = async (
  context: TestContext,
  { token = manager().adminToken, isPhone = false } = {},
): Promise<Page> => {
  const page = await browser.open(context, isPhone ? { viewport: PHONE } : {});
  await signIn(page, { url: manager().url, token, path: `/vms/${vmId}?tab=run` });
  await page.getByRole('heading', { name: 'What ran on it' }).waitFor();
  return page;
};
const output = (page: Page) => page.getByRole('log');
const state = (page: Page) => page.locator('.run-state').first();
const run = async (page: Page, line: string): Promise<void> => {
  await page.getByLabel('Command', { exact: true }).fill(line);
  await page.keyboard.press('Enter');
  await page.waitForURL(/run=/u);
};

test('a command prints as it goes, both outputs told apart, and ends in words', async (context) => {
  const page = await openVm(context);
  await run(page, 'echo one; echo two >&2; sleep 0.3; printf "\\033[31mred\\033[0m\\n"; exit 3');
  await output(page).getByText('one').waitFor();
  await state(page).getByText('exit code 3').waitFor();
  await expect
    .poll(async () => output(page).locator('[data-kind="stderr"]').innerText(), SOON)
    .toContain('two');
  await expect.poll(async () => output(page).locator('.sgr-front-1').innerText(), SOON).toBe('red');
  expect(await axeViolations(page)).toStrictEqual([]);
});

test('a bar that is drawn again and again is one line', async (context) => {
  const page = await openVm(context);
  await run(page, 'for i in 1 2 3; do printf "\\r%d of 3" $i; sleep 0.1; done; echo; echo done');
  await output(page).getByText('done').waitFor();
  await state(page).getByText('exit code 0').waitFor();
  const lines = await output(page).locator('.term-line').allInnerTexts();
  expect(lines).toStrictEqual(['3 of 3', 'done']);
});

test('what a command prints is text, whatever it is', async (context) => {
  const page = await openVm(context);
  const hostile = `<img src=x onerror="document.title='owned'"><script>1</script>`;
  await run(page, `printf '%s\\n\\033]0;title\\007' '${hostile.replaceAll("'", `'\\''`)}'`);
  await state(page).getByText('exit code 0').waitFor();
  await output(page).getByText(hostile).waitFor();
  expect(await output(page).locator('img, script').count()).toBe(0);
  await expect.poll(async () => output(page).innerText(), SOON).toContain('^[]0;title^G');
  expect(await page.title()).not.toContain('owned');
});

test('a long command is still there after a reload, and can be stopped', async (context) => {
  const page = await openVm(context);
  await page.getByText('Options').click();
  await page.getByLabel('Timeout', { exact: true }).fill('20m');
  await run(page, 'echo begun; sleep 600; echo never');
  await output(page).getByText('begun').waitFor();
  await page.reload();
  await output(page).getByText('begun').waitFor();
  await state(page).getByText('running').waitFor();
  await page.locator('.run-elapsed').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await state(page).getByText('stopped, ended by SIGTERM').waitFor();
  await expect
    .poll(async () => output(page).locator('.term-line').allInnerTexts(), SOON)
    .toStrictEqual(['begun']);
});

test('a command that takes too long says that it timed out', async (context) => {
  const page = await openVm(context);
  await page.getByText('Options').click();
  await page.getByLabel('Timeout', { exact: true }).fill('2');
  await page.getByLabel('At its timeout').selectOption('end it');
  await run(page, 'sleep 60');
  await page.getByText(/is ended in \ds, at its timeout/u).waitFor();
  await state(page).getByText('timed out after 2s').waitFor();
  // What was too short is offered longer.
  await page.getByRole('button', { name: 'Use again, up to 10s' }).click();
  await expect
    .poll(async () => page.getByLabel('Timeout', { exact: true }).inputValue(), SOON)
    .toBe('10s');
  await expect
    .poll(async () => output(page).getByText('It has printed nothing.').count(), SOON)
    .toBe(1);
});

test('a command past its timeout goes on, and is waited for, left alone or killed by keyboard', async (context) => {
  const page = await openVm(context);
  await page.getByText('Options').click();
  await page.getByLabel('Timeout', { exact: true }).fill('2');
  await run(page, 'echo begun; sleep 600');
  const bar = page.getByRole('group', { name: 'It runs past its timeout' });
  await bar.getByText('This has run longer than 2s.').waitFor();
  await state(page).getByText('running past its timeout').waitFor();
  const said = page.getByRole('status').filter({ hasText: 'This has run longer than 2s.' });
  await said.waitFor({ state: 'attached' });
  expect(await axeViolations(page)).toStrictEqual([]);
  await page.reload();
  await bar.getByRole('button', { name: 'Wait another 2s' }).press('Enter');
  // It is asked about again, after more than it had at first.
  await bar.getByText(/longer than (?!2s\.)/u).waitFor();
  await bar.getByRole('button', { name: 'Leave it running' }).press('Enter');
  await state(page).getByText('running, left alone').waitFor();
  await expect.poll(async () => bar.count(), SOON).toBe(0);
  await page.getByRole('button', { name: 'Stop' }).click();
  await state(page).getByText('stopped, ended by SIGTERM').waitFor();

  await page.getByText('Options').click();
  await page.getByLabel('Timeout', { exact: true }).fill('1');
  await run(page, 'sleep 600');
  await bar.getByRole('button', { name: 'Kill' }).press('Enter');
  await state(page).getByText('stopped, ended by SIGTERM').waitFor();
  await expect.poll(async () => bar.count(), SOON).toBe(0);
});

test('up brings back what was typed before, and a lost connection loses nothing', async (context) => {
  const page = await openVm(context);
  const line = 'for i in 1 2 3 4 5 6 7 8; do echo "line $i"; sleep 0.4; done';
  await run(page, line);
  await output(page).getByText('line 1', { exact: true }).waitFor();
  const lost = page.locator('.live-dot[data-state="lost"]').first();
  await page.context().setOffline(true);
  await page.evaluate('window.dispatchEvent(new Event("offline"))');
  await Promise.race([lost.waitFor(), output(page).getByText('line 4', { exact: true }).waitFor()]);
  await page.context().setOffline(false);
  await state(page).getByText('exit code 0').waitFor();
  await expect
    .poll(async () => output(page).locator('.term-line').allInnerTexts(), SOON)
    .toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8].map((number) => `line ${number}`));
  const input = page.getByLabel('Command', { exact: true });
  await input.fill('half');
  await input.press('ArrowUp');
  await expect.poll(async () => input.inputValue(), SOON).toBe(line);
  await input.press('ArrowDown');
  await expect.poll(async () => input.inputValue(), SOON).toBe('half');
});

test('a script with an interpreter runs, and what it was can be used again', async (context) => {
  const page = await openVm(context);
  await page.getByRole('button', { name: 'Script' }).click();
  await page.getByRole('textbox', { name: 'Script' }).fill('echo first\nexit 7');
  await page.getByRole('textbox', { name: 'Script' }).press('Control+Enter');
  await state(page).getByText('exit code 7').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Use again' }).click();
  await expect
    .poll(async () => page.getByRole('textbox', { name: 'Script' }).inputValue(), SOON)
    .toBe('echo first\nexit 7');
});

test('a viewer is told that a command ran, and not what it printed', async (context) => {
  const operator = await openVm(context);
  await run(operator, 'echo secret');
  await state(operator).getByText('exit code 0').waitFor();
  const id = new URL(operator.url()).searchParams.get('run') ?? '';
  const token = await createToken(manager(), { name: 'looks on', role: 'viewer' });
  const page = await openVm(context, { token });
  await page.goto(`${manager().url}/vms/${vmId}?tab=run&run=${id}`);
  await state(page).getByText('exit code 0').waitFor();
  await page.getByText('is for operators').first().waitFor();
  expect(await page.getByRole('log').count()).toBe(0);
  expect(await page.getByLabel('Command', { exact: true }).count()).toBe(0);
});

test('on a phone nothing is wider than the screen', async (context) => {
  const page = await openVm(context, { isPhone: true });
  await run(page, `printf '%300s\\n' x`);
  await state(page).getByText('exit code 0').waitFor();
  const excess = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  expect(excess).toBe(0);
});

const beginOnWeb = async (): Promise<string> => {
  const json = { script: 'check', targets: { selector: 'role=web' }, name: 'check disks' };
  const reply = await manager().ask('/v1/runs', { method: 'POST', json });
  return runCreatedSchema.parse(reply.json()).run_id;
};

test('a run on many VMs groups what ended alike, and shows what each has printed', async (context) => {
  const id = await beginOnWeb();
  const page = await browser.open(context);
  const token = manager().adminToken;
  await signIn(page, { url: manager().url, token, path: `/runs/${id}` });
  await page.getByText('finished: 3 succeeded, 1 failed of 4').waitFor();
  await page.getByText('3 identical, 1 differ').waitFor();
  const differing = page.locator('.run-group').nth(1);
  await differing.getByText('exit code 1').waitFor();
  await expect
    .poll(async () => differing.locator('[data-op="+"]').innerText(), SOON)
    .toContain('<b>disk is full</b>');
  expect(await differing.locator('.run-diff b').count()).toBe(0);
  expect(await axeViolations(page)).toStrictEqual([]);

  // Those that failed come first; keys go through them.
  const list = page.getByRole('region', { name: 'VMs of the run' });
  await expect
    .poll(async () => list.locator('.run-vm-name').allInnerTexts(), SOON)
    .toStrictEqual(['web-03', 'web-01', 'web-02', 'web-04']);
  await page.keyboard.press('j');
  await output(page).getByText('<b>disk is full</b>').waitFor();
  await page.reload();
  await output(page).getByText('<b>disk is full</b>').waitFor();
  await page.keyboard.press('j');
  await page.waitForURL((url) => url.searchParams.get('vm') !== null);
  await waitUntil(
    'the output is of the next VM',
    async () => (await output(page).getAttribute('aria-label')) === 'Output on web-01',
  );
  await expect.poll(async () => output(page).innerText(), SOON).not.toContain('disk');

  await page.getByRole('button', { name: 'Run again on 1' }).click();
  await page.waitForURL((url) => url.pathname !== `/runs/${id}`);
  await page.getByRole('link', { name: 'the run before' }).waitFor();
  await page.getByText('exit code 1').first().waitFor();
});

test('a run on many VMs is paused, goes on, and is stopped', async (context) => {
  const held = agents.map((agent) => agent.begun.length);
  for (const agent of agents) agent.onBegin((command) => command.output('begun\n'));
  const json = { script: 'wait', targets: { selector: 'role=web' }, concurrency: 1 };
  const reply = await manager().ask('/v1/runs', { method: 'POST', json });
  const { run_id: id } = runCreatedSchema.parse(reply.json());
  const page = await browser.open(context);
  const token = manager().adminToken;
  await signIn(page, { url: manager().url, token, path: `/runs/${id}` });
  await page.getByText('running: 1 running, 3 waiting of 4').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('paused on request').waitFor();
  agents[0]?.begun[held[0] ?? 0]?.exit(0);
  await page.getByText('1 succeeded, 3 waiting of 4').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('running: 1 succeeded, 1 running, 2 waiting of 4').waitFor();
  await page.getByRole('button', { name: 'Stop all' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await page.getByText('stopped on request').waitFor();
  await expect.poll(async () => page.getByText('cancelled before it began').count(), SOON).toBe(2);
});

test('what was run is found again by its text, its VM and its state', async (context) => {
  const page = await browser.open(context);
  const token = manager().adminToken;
  await signIn(page, { url: manager().url, token, path: '/runs' });
  const names = page.getByRole('table', { name: 'Runs' }).locator('.runs-command');
  await names.first().waitFor();
  await page.getByLabel('Search runs').fill('check disks');
  await waitUntil('only those are left', async () => {
    const found = await names.allInnerTexts();
    return found.length > 0 && found.every((name) => name === 'check disks');
  });
  await page.getByLabel('Runs on this VM').fill('web-01');
  await page.waitForURL(/vm=/u);
  await waitUntil('the one again was elsewhere', async () => (await names.count()) === 1);
  await page.getByRole('button', { name: 'Stopped' }).click();
  await page.getByText('No run fits').waitFor();
  await page.goBack();
  await names.first().click();
  await page.getByRole('heading', { name: 'check disks' }).waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/runs\/[\da-f-]{36}$/u);
});

test('a command runs on what is selected in the fleet, after all of it was shown once more', async (context) => {
  for (const agent of agents) agent.onBegin((command) => command.exit(0));
  const before = agents.map(({ begun }) => begun.length);
  const page = await browser.open(context);
  const token = manager().adminToken;
  await signIn(page, { url: manager().url, token, path: '/?group=none&sort=name&q=web-' });
  await page.getByLabel('Select web-01').click();
  await page.getByLabel('Select web-03').click({ modifiers: ['Shift'] });
  await page.getByText('3 selected').waitFor();
  await page.getByRole('button', { name: 'Select all 4' }).click();
  await page.getByText('4 selected').waitFor();
  await page.getByRole('link', { name: 'Run…' }).click();

  await page.getByRole('button', { name: 'Without web-04' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByText('Type a command.').waitFor();
  await page.getByLabel('Command', { exact: true }).fill('check all');
  await page.getByLabel('First on so many alone').fill('1');
  await page.getByLabel('At one time').fill('0');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByText('1 to 500.').waitFor();
  await page.getByLabel('At one time').fill('2');
  await page.getByRole('button', { name: 'Review' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('check all').waitFor();
  // Nothing has begun by looking at it.
  expect(agents.map(({ begun }) => begun.length)).toStrictEqual(before);
  await expect.poll(async () => dialog.innerText(), SOON).toContain('First on 1 alone');
  await expect.poll(async () => dialog.innerText(), SOON).toContain('web-01, web-02, web-03');
  await dialog.getByRole('button', { name: 'Run on 3' }).click();
  await page.getByText('finished: 3 succeeded of 3').waitFor();
  await page.getByText('1 alone').waitFor();
});

test('labels choose VMs too, and a viewer is not offered to run anything', async (context) => {
  const page = await browser.open(context);
  const token = manager().adminToken;
  await signIn(page, { url: manager().url, token, path: '/runs/new?labels=role%3Dweb' });
  await page.locator('#run-targets', { hasText: '4 VMs' }).waitFor();
  await page.getByLabel('Label selector').fill('role=(');
  await page.getByText('accepted are key=value').waitFor();

  const viewer = await createToken(manager(), { name: 'only looks', role: 'viewer' });
  const other = await browser.open(context);
  await signIn(other, { url: manager().url, token: viewer, path: '/runs/new' });
  await other.getByText('Not for this token').waitFor();
  await other.goto(`${manager().url}/runs`);
  await other.locator('.runs-command').first().click();
  await other.getByText('is for operators').first().waitFor();
  expect(await other.getByRole('button', { name: 'Run again' }).count()).toBe(0);
});

test('a command is saved, run with its parameters, changed and deleted', async (context) => {
  const page = await browser.open(context);
  const token = manager().adminToken;
  await signIn(page, { url: manager().url, token, path: '/commands' });
  await page.getByRole('button', { name: 'Save a command' }).click();
  await page.getByLabel('Name', { exact: true }).fill('greet');
  await page.getByRole('textbox', { name: 'Script', exact: true }).fill('echo "hello" {{who}}');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('{{who}} is not one of the parameters').waitFor();
  await page.getByRole('button', { name: 'Add a parameter' }).click();
  await page.getByLabel('Name of parameter 1').fill('who');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('with who').waitFor();

  await page.goto(`${manager().url}/vms/${vmId}?tab=run&mode=saved`);
  await page.getByLabel('Saved command').selectOption('greet');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('who has to be given').waitFor();
  await page.getByLabel('who (needed)').fill('you; echo $(id)');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await output(page).getByText('hello you; echo $(id)').waitFor();

  await page.goto(`${manager().url}/commands`);
  await page.getByRole('button', { name: 'Edit greet' }).click();
  await page.getByLabel('Description', { exact: true }).fill('Says hello');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Says hello').waitFor();
  await page.getByRole('link', { name: 'History' }).last().click();
  await page.locator('.runs-command', { hasText: 'greet' }).waitFor();
  await page.goto(`${manager().url}/commands`);
  await page.getByRole('button', { name: 'Delete greet' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No saved commands').waitFor();

  // All of it is in the audit, and from there leads to the run.
  await page.goto(`${manager().url}/settings`);
  await page.getByRole('link', { name: 'run greet' }).first().click();
  expect(await page.getByRole('heading', { name: 'greet' }).innerText()).toBe('greet');
});
