import { nodePlatform } from './node/platform.ts';
import { testPlatform } from '../testing/contract/platform.ts';
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
  'QuickJS, musl and BearSSL': await compileNative('tls', content),
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
  testPlatform(platform, pid);
});
