/**
 * `npm run test:vm`: real Debian guests, which install and enrol their agent by themselves. Builds what
 * is shipped and what the guests boot from, and then runs the tests. Arguments go to Vitest:
 * `npm run test:vm -- openrc`, `npm run test:vm -- -t enrols`.
 */
import { buildAgent, buildManager } from '../../scripts/build/bundle.ts';
import { buildPages } from '../../scripts/build/pages.ts';
import { formatSummary, isGood } from '../run/summary.ts';
import { obtainChromium } from '../support/chromium.ts';
import { prepareGuests } from './prepare.ts';
import { runGuestTests } from './run-guests.ts';

/** Five minutes on a machine that does nothing else; every wait in it has its own end. */
const ALL_MS = 90 * 60_000;

const prepared = await prepareGuests(['systemd', 'openrc']);
if (prepared.ok) {
  // Where there is none, the test that wants it says so.
  await obtainChromium();
  await buildAgent();
  await buildManager();
  await buildPages();
  const report = await runGuestTests(process.argv.slice(2), { timeoutMs: ALL_MS });
  console.log(formatSummary(report));
  process.exitCode = isGood(report) ? 0 : 1;
} else {
  console.error(`no guest can be started: ${prepared.reason}`);
  process.exitCode = 1;
}
