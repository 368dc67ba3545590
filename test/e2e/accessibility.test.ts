/** Every page in both themes, looked at by axe. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { BUNDLE } from '../support/agent-process.ts';
import { axeViolations } from '../support/axe.ts';
import { browserOfFile, DESKTOP, PHONE } from '../support/browser.ts';
import { registerHost, registerVm } from '../support/manager-api.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { signIn } from '../support/sign-in.ts';
import {
  startSimulatedGuests,
  wanderingLoad,
  type SimulatedGuests,
} from '../support/simulated-guests.ts';

const { manager } = managerOfFile(['--local-agent', BUNDLE.path]);
const browser = browserOfFile();
let guests: SimulatedGuests | undefined;
let vmId = '';

beforeAll(async () => {
  guests = await startSimulatedGuests((address, at) => ({
    ...wanderingLoad(address, at),
    cpu: { '127.50.0.1': 0.99, '127.50.0.2': 0.85 }[address] ?? 0.3,
  }));
  const host = await registerHost(manager(), {
    name: 'kvm01',
    address: '127.77.0.1',
    agent_port: 9,
  });
  for (let index = 1; index <= 6; index += 1) {
    const { id } = await registerVm(manager(), {
      name: `vm-0${index}`,
      guest_ip: `127.50.0.${index}`,
      agent_port: guests.port,
      host_id: host,
      labels: { env: 'test' },
    });
    vmId = id;
  }
  await registerVm(manager(), { name: 'no-address' });
});
afterAll(async () => await guests?.close());

const expectClean = async (page: Page): Promise<void> => {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect({ colorScheme, found: await axeViolations(page) }).toStrictEqual({
      colorScheme,
      found: [],
    });
  }
};

const open = async (
  context: TestContext,
  path: string,
  viewport: typeof DESKTOP | typeof PHONE = DESKTOP,
): Promise<Page> => {
  const page = await browser.open(context, { viewport });
  await signIn(page, { url: manager().url, token: manager().adminToken, path });
  return page;
};

test('the page to sign in, also after a refusal', async (context) => {
  const page = await browser.open(context);
  await page.goto(manager().url);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await expectClean(page);
});

test.for([
  ['/', '.chip-guest'],
  ['/?group=none&sort=cpu&sel=2', '.chip-guest'],
  ['/?q=nothing+like+that', '.empty'],
  ['/hosts', '.list tbody tr'],
  ['/hosts?dialog=register', 'dialog[open]'],
  ['/add', 'form'],
  ['/add?how=found', '.empty, .found'],
  ['/tokens', '.list tbody tr'],
  ['/tokens?dialog=create', 'dialog[open]'],
  ['/provisioning', '.empty'],
  ['/provisioning?dialog=create', 'dialog[open]'],
  ['/logs', '.empty'],
  ['/logs?view=kept', '.kept .empty, .kept-lines'],
  ['/runs', '.empty'],
  ['/runs/new?sel=2', '.run-target'],
  ['/commands?edit=new', '.command-form'],
  ['/settings', '.audit-list tbody tr'],
  ['/nowhere', '.empty'],
] as const)('%s', async ([path, ready], context) => {
  const page = await open(context, path);
  await page.locator(ready).first().waitFor();
  await expectClean(page);
});

test('a VM', async (context) => {
  const page = await open(context, `/vms/${vmId}`);
  await page.locator('h1').waitFor();
  await page.locator('canvas').first().waitFor();
  await expectClean(page);
});

test('the fleet on a phone, with its menu open', async (context) => {
  const page = await open(context, '/', PHONE);
  await page.locator('.vm-name').first().waitFor();
  await page.getByRole('button', { name: 'Menu' }).click();
  await expectClean(page);
});

test('the logs of a VM that has none to show', async (context) => {
  const page = await open(context, `/vms/${vmId}?tab=logs`);
  await page.locator('.log-notice').waitFor();
  await expectClean(page);
});
