/** The native platform's contract under valgrind, which must not find anything. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { testPlatform } from '../../apps/guest-agent/src/testing/contract/platform.ts';
import { startNativePlatform } from '../../apps/guest-agent/src/testing/native-platform/native-platform.ts';
import { compileNative, makeNativeBundle } from '../../scripts/build/native.ts';

const DRIVER = 'apps/guest-agent/src/testing/native-platform/driver.ts';

const hasValgrind = spawnSync('valgrind', ['--version']).status === 0;
const { content } = await makeNativeBundle(DRIVER);
const built = await compileNative('checked', content);

test('valgrind and a compiler are there', ({ skip }) => {
  if (!hasValgrind) {
    return skip('valgrind is not on the PATH. To have it: apt-get install valgrind libc6-dbg');
  }
  if (!built.ok) return skip(`${built.reason}. To have it: ${built.install}`);
  expect(built.path).toMatch(/checked$/u);
  return undefined;
});

if (hasValgrind && built.ok) {
  const folder = mkdtempSync(join(tmpdir(), 'native-valgrind-'));
  const report = join(folder, 'report');
  const tested = startNativePlatform(built.path, [
    'valgrind',
    '--quiet',
    '--leak-check=full',
    '--show-leak-kinds=definite',
    '--errors-for-leak-kinds=definite',
    '--child-silent-after-fork=yes',
    `--log-file=${report}`,
  ]);

  describe('the native platform under valgrind', { timeout: 300_000 }, () => {
    testPlatform(tested.platform, tested.pid, { underValgrind: true });

    afterAll(async () => {
      await tested.stop();
      const found = readFileSync(report, 'utf8');
      rmSync(folder, { recursive: true });
      expect(found).toBe('');
    });
  });
}
