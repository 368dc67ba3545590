/**
 * `npm run test:vm`: real Debian guests, which install and enrol their agent by themselves. Builds what
 * is shipped and what the guests boot from, and then runs Vitest, with the manager, QEMU and the
 * browser, in a network that nothing leaves. Arguments go to Vitest: `npm run test:vm -- enrols`.
 */
import { accessSync, constants } from 'node:fs';
import { buildAgent, buildManager } from '../../scripts/build/bundle.ts';
import { buildNative } from '../../scripts/build/native.ts';
import { buildPages } from '../../scripts/build/pages.ts';
import { formatSummary, isGood } from '../run/summary.ts';
import { runVitest } from '../run/vitest.ts';
import { obtainBusybox } from '../support/busybox-root.ts';
import { obtainChromium } from '../support/chromium.ts';
import { obtainQemu } from '../support/qemu.ts';
import { obtainGuestImage } from './guest-image.ts';

/** Three minutes on a machine that does nothing else; every wait in it has its own end. */
const ALL_MS = 30 * 60_000;
const CONFIG = ['--config', 'test/vm/vitest.config.ts'];
/** /sys shows the devices of the network in which it was mounted. */
const ENTER = 'ip link set lo up && mount -t sysfs -o ro sysfs /sys && exec "$@"';
const UNSHARE = 'unshare --net --mount --propagation private sh -c'.split(' ');
const LAUNCHER: readonly string[] = [...UNSHARE, ENTER, 'sh'];

/** All of it comes from a network that the tests do not have. */
const whatIsMissing = async (): Promise<string | undefined> => {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return 'this user may not open /dev/net/tun';
  }
  const native = await buildNative();
  if (!native.ok) return `${native.reason}. To have it: ${native.install}`;
  for (const obtain of [obtainQemu, obtainBusybox]) {
    const obtained = await obtain();
    if (!obtained.ok) return `${obtained.reason}. To have it: ${obtained.install}`;
  }
  const image = await obtainGuestImage();
  // Where there is none, the test that wants it says so.
  await obtainChromium();
  return image.ok ? undefined : image.reason;
};

const missing = await whatIsMissing();
if (missing === undefined) {
  await buildAgent();
  await buildManager();
  await buildPages();
  const args = [...CONFIG, ...process.argv.slice(2)];
  const report = await runVitest(args, { timeoutMs: ALL_MS, launcher: LAUNCHER });
  console.log(formatSummary(report));
  process.exitCode = isGood(report) ? 0 : 1;
} else {
  console.error(`no guest can be started: ${missing}`);
  process.exitCode = 1;
}
