/** Runs Vitest, with the manager, QEMU and the browser, in a network that nothing leaves. */
import type { Report } from '../run/report.ts';
import { runVitest } from '../run/vitest.ts';
import { NETWORK_LAUNCHER } from './prepare.ts';

const CONFIG = ['--config', 'test/vm/vitest.config.ts'];

/** The part of them that `npm test` has time for: one boot, and what takes seconds after it. */
export const SHORT: readonly string[] = ['test/vm/guest.test.ts', '-t', 'a new guest'];

/** What is shipped has been built, and what guests need is there. */
export const runGuestTests = async (
  args: readonly string[],
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Report> => runVitest([...CONFIG, ...args], { timeoutMs, launcher: NETWORK_LAUNCHER });
