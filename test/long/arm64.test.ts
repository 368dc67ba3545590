/** The native platform's whole contract on arm64, emulated, and that two builds are the same bytes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { testPlatform } from '../../apps/guest-agent/src/testing/contract/platform.ts';
import { startNativePlatform } from '../../apps/guest-agent/src/testing/native-platform/native-platform.ts';
import { obtainSources } from '../../scripts/build/native/sources.ts';
import { AGENT, DRIVER, obtainArm64 } from '../support/arm64.ts';

const BUILD_MS = 5 * 60_000;

const agent = await obtainArm64(AGENT);
const driver = agent.ok ? await obtainArm64(DRIVER) : agent;

test(
  'the agent is the same, byte for byte, when it is built again somewhere else',
  { timeout: BUILD_MS },
  async ({ skip }) => {
    if (!agent.ok) return skip(`${agent.reason}. To have it: ${agent.install}`);
    const first = readFileSync(agent.path);
    const sources = await obtainSources();
    if (!sources.ok) throw new Error(sources.reason);
    const fetched = dirname(sources.sources.quickjs);
    const cache = mkdtempSync(join(tmpdir(), 'agent-arm64-'));
    onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
    mkdirSync(join(cache, 'native'));
    symlinkSync(fetched, join(cache, 'native', basename(fetched)));
    vi.stubEnv('INNKEEPER_CACHE_DIR', cache);
    const again = await obtainArm64(AGENT);
    if (!again.ok) throw new Error(again.reason);
    expect(again.path).not.toBe(agent.path);
    expect(readFileSync(again.path).equals(first)).toBe(true);
    return undefined;
  },
);

if (driver.ok) {
  describe('the platform on arm64', { timeout: BUILD_MS }, () => {
    const tested = startNativePlatform(driver.path, driver.launcher);
    afterAll(async () => tested.stop());
    testPlatform(tested.platform, tested.pid, { architecture: 'aarch64' });
  });
}
