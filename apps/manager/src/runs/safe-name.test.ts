import { basename, join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeName } from './safe-name.ts';

test('whatever a VM or a command is called, its file stays in its folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
      const safe = safeName(name);
      expect(safe).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/u);
      expect(basename(join('/logs', safe))).toBe(safe);
      expect(safe.length).toBeLessThanOrEqual(60);
    }),
  );
});

test.each([
  ['web-1.example', 'web-1.example'],
  ['../../etc/passwd', 'etc-passwd'],
  ['..', 'unnamed'],
  ['-rf', 'rf'],
  ['apt-get update && reboot', 'apt-get-update-reboot'],
])('%j becomes %j', (name, safe) => {
  expect(safeName(name)).toBe(safe);
});
