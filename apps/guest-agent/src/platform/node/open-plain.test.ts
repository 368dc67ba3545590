/** What the contract cannot show: somebody changes the path between the look and the opening. */
import {
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPlain } from './open-plain.ts';

describe('openPlain', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'open-plain-'));
    writeFileSync(path('it'), 'first');
    writeFileSync(path('other'), 'second');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['another file', 'ESTALE', () => renameSync(path('other'), path('it'))],
    [
      'a link',
      'ELOOP',
      () => {
        rmSync(path('it'));
        symlinkSync(path('other'), path('it'));
      },
    ],
  ])('refuses %s that has taken the place meanwhile', (_, code, swap) => {
    const before = readdirSync('/proc/self/fd').length;
    let looks = 0;
    const is = (stats: Stats): boolean => {
      looks += 1;
      if (looks === 1) swap();
      return stats.isFile();
    };
    expect(() => openPlain(path('it'), { is, otherwise: 'no file' })).toThrow(
      expect.objectContaining({ code }),
    );
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });
});
