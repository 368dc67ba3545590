/** What everything that is measured in the run has at hand, and how a page of the manager is opened. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../../support/sign-in.ts';
import type { BenchPages } from './bench-pages.ts';
import type { Browsers, OpenPage } from './browser.ts';
import type { RunningFleet } from './fleet.ts';
import type { Plan } from './plan.ts';

export interface Session {
  readonly plan: Plan;
  readonly browsers: Browsers;
  readonly pages: BenchPages;
  readonly fleet: RunningFleet;
  readonly signal: AbortSignal;
}

/** There is something to see of a VM, which is what each page of the manager is waited for. */
export const FLEET_CONTENT = '.fleet-line .vm-name';
export const VM_CONTENT = '.chart-figure:text-matches("[0-9]")';

/** Until there is as much of the past as the pages show. */
export const waitForPast = async ({ plan, fleet, signal }: Session): Promise<void> => {
  const missing = plan.pastMs - fleet.ageMs();
  if (missing > 0) await sleep(missing, undefined, { signal });
};

/** In a fresh browser, signed in, shown and warmed up. */
export const withManagerPage = async <Value>(
  { plan, browsers, fleet, signal }: Session,
  { path, content }: { readonly path: string; readonly content: string },
  work: (open: OpenPage) => Promise<Value>,
): Promise<Value> =>
  browsers.withPage(async (open) => {
    const { url, token } = fleet;
    await signIn(open.page, { url, token, path });
    await open.page.locator(content).first().waitFor();
    await sleep(plan.warmUpMs, undefined, { signal });
    const value = await work(open);
    fleet.assertAlive();
    return value;
  });
