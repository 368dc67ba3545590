import { nodePlatform } from './node/platform.ts';
import { testByteFiles } from '../testing/contract/byte-files.ts';
import { testClock } from '../testing/contract/clock.ts';
import { testCrypto } from '../testing/contract/crypto.ts';
import { testFiles } from '../testing/contract/files.ts';
import { testFolders } from '../testing/contract/folders.ts';
import { testMachine } from '../testing/contract/machine.ts';
import { testNetwork } from '../testing/contract/network.ts';
import { testPipes } from '../testing/contract/pipes.ts';
import { testProcesses } from '../testing/contract/processes.ts';
import { testText } from '../testing/contract/text.ts';
import { testUnpacking } from '../testing/contract/unpacking.ts';
import { startNativePlatform } from '../testing/native-platform/native-platform.ts';
import { compileNative, makeNativeBundle } from '../../../../scripts/build/native.ts';
import { afterAll, describe, expect, test } from 'vitest';
import type { Platform } from './platform.ts';

interface Tested {
  readonly platform: Platform;
  readonly pid: number;
  stop(): Promise<void>;
}

const DRIVER = 'apps/guest-agent/src/testing/native-platform/driver.ts';
const { content } = await makeNativeBundle(DRIVER);
const NATIVE = {
  'QuickJS and musl': await compileNative('release', content),
  'QuickJS under sanitizers': await compileNative('sanitized', content),
};

/** What the core relies on, whatever it runs on. A new platform is one more line here. */
const platforms: [string, Tested][] = [
  ['Node', { platform: nodePlatform, pid: process.pid, stop: async () => undefined }],
];
for (const [name, built] of Object.entries(NATIVE)) {
  if (built.ok) platforms.push([name, startNativePlatform(built.path)]);
}

test.for(Object.entries(NATIVE))('the platform of %s can be built', ([, built], { skip }) => {
  if (!built.ok) return skip(`${built.reason}. To have it: ${built.install}`);
  expect(built.path).toMatch(/native/u);
  return undefined;
});

describe.each(platforms)('the platform of %s', (_, { platform, pid, ...tested }) => {
  afterAll(async () => tested.stop());
  testFiles(platform.files, pid);
  testByteFiles(platform.files, pid);
  testFolders(platform.files, pid);
  testPipes(platform.files, pid);
  testNetwork(platform.network);
  testProcesses(platform.processes);
  testCrypto(platform.crypto);
  testText(platform.text);
  testClock(platform.clock);
  testMachine(platform.machine, pid);
  testUnpacking(platform.unpacking);
});
