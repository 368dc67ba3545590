import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkInstalled, estimatePackages } from '../../scripts/bootstrap/installed-state.mjs';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'innkeeper-installed-'));
  mkdirSync(join(root, 'node_modules'));
  writeLock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeLock(packages: Record<string, unknown>): void {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
}

/** What npm itself writes at the end of an installation. */
function writeRecord(packages: Record<string, unknown>): void {
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
}

test('nothing is installed in a bare clone', () => {
  expect(checkInstalled(root)).toBe('missing');
});

test('what somebody has installed by hand counts, and is not compared a second time', () => {
  writeRecord({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } });
  expect(checkInstalled(root)).toBe('installed');
  rmSync(join(root, 'node_modules', '.package-lock.json'));
  expect(checkInstalled(root)).toBe('installed');
});

test('an installation without the development tools does not count', () => {
  writeRecord({ 'node_modules/a': { version: '1.0.0' } });
  expect(checkInstalled(root)).toBe('missing');
});

test('an optional package of another machine may be missing', () => {
  writeLock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/mac': { optional: true } });
  writeRecord({ 'node_modules/a': { version: '1.0.0' } });
  expect(checkInstalled(root)).toBe('installed');
});

test('another version in package-lock.json asks for an installation', () => {
  writeRecord({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } });
  checkInstalled(root);
  writeLock({ 'node_modules/a': { version: '1.0.1' }, 'node_modules/b': { version: '2.0.0' } });
  expect(checkInstalled(root)).toBe('outdated');
});

describe('the number of packages that is announced', () => {
  test('leaves out other machines and the parts of this repository', () => {
    const own = Object.fromEntries(
      Array.from({ length: 21 }, (_, index) => [`node_modules/p${index}`, { version: '1.0.0' }]),
    );
    const foreign = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`node_modules/f${index}`, { os: ['plan9'] }]),
    );
    writeLock({
      '': {},
      'packages/a': {},
      'node_modules/@x/a': { link: true },
      ...own,
      ...foreign,
    });
    expect(estimatePackages(root)).toBe(20);
  });
});
