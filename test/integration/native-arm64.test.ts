/**
 * The native binary for arm64, on an emulated CPU and this machine's kernel: that what differs between
 * the two machines is right. All of the platform's contract is in `npm run test:long`.
 */
import { readFileSync } from 'node:fs';
import { healthSchema } from '@innkeeper/protocol';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { testByteFiles } from '../../apps/guest-agent/src/testing/contract/byte-files.ts';
import { testCrypto } from '../../apps/guest-agent/src/testing/contract/crypto.ts';
import { testFiles } from '../../apps/guest-agent/src/testing/contract/files.ts';
import { testFolders } from '../../apps/guest-agent/src/testing/contract/folders.ts';
import { testMachine } from '../../apps/guest-agent/src/testing/contract/machine.ts';
import { testPipes } from '../../apps/guest-agent/src/testing/contract/pipes.ts';
import {
  startNativePlatform,
  type NativePlatform,
} from '../../apps/guest-agent/src/testing/native-platform/native-platform.ts';
import { AGENT, DRIVER, obtainArm64 } from '../support/arm64.ts';
import { startEnrolled } from '../support/enrolled-agent.ts';
import { parseExposition } from '../support/exposition-text.ts';

/** Of elf(5). */
const EM_AARCH64 = 183;
const PT_INTERP = 3;
/** What the one for x64 is held to, and 64 kB twice, which is what its segments are aligned to. */
const MOST_BYTES = 1.125 * 1024 * 1024;
/** Emulated, beside whatever else this machine does. */
const SLOW_MS = 60_000;

const agent = await obtainArm64(AGENT);
const driver = agent.ok ? await obtainArm64(DRIVER) : agent;

test('a compiler and an emulator for arm64 are there', ({ skip }) => {
  if (!agent.ok) return skip(`${agent.reason}. To have it: ${agent.install}`);
  const elf = readFileSync(agent.path);
  expect(elf.readUInt16LE(18)).toBe(EM_AARCH64);
  expect(elf.length).toBeLessThanOrEqual(MOST_BYTES);
  const start = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  const types = Array.from({ length: elf.readUInt16LE(56) }, (_, index) =>
    elf.readUInt32LE(start + index * size),
  );
  expect(types).not.toContain(PT_INTERP);
  return undefined;
});

if (agent.ok && driver.ok) {
  const build = { name: 'arm64', command: [...agent.launcher, agent.path] };

  test('it serves health and metrics, and runs a command', { timeout: SLOW_MS }, async () => {
    const guest = await startEnrolled({ build });
    onTestFinished(async () => void (await guest.agent.kill()));
    const health = await guest.ask('GET', '/health');
    expect(healthSchema.parse(health.json())).toMatchObject({ enrolled: true });
    const metrics = parseExposition((await guest.ask('GET', '/metrics')).text);
    expect(metrics.get('node_memory_MemTotal_bytes')?.samples).toHaveLength(1);
    expect(metrics.get('node_cpu_seconds_total')?.samples).not.toHaveLength(0);
    const ended = await guest.ask('POST', '/exec', { argv: ['printf', '%s', 'as asked'] });
    expect(ended.json()).toMatchObject({ exit_code: 0, stdout: 'as asked' });
    expect((await guest.ask('GET', '/info')).text).toContain('"aarch64"');
    expect(await guest.agent.stop()).toStrictEqual({ code: 0, signal: null });
  });

  describe('its platform', { timeout: SLOW_MS }, () => {
    const tested: NativePlatform = startNativePlatform(driver.path, driver.launcher);
    afterAll(async () => tested.stop());
    const { platform, pid } = tested;
    testFiles(platform.files, pid);
    testByteFiles(platform.files, pid);
    testFolders(platform.files, pid);
    testPipes(platform.files, pid);
    testCrypto(platform.crypto);
    testMachine(platform.machine, pid, 'aarch64');
  });
}
