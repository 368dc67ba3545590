import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { measureBundle, staticImports } from './bundle-sizes.ts';

const dist = mkdtempSync(join(tmpdir(), 'innkeeper-bundle-'));
afterAll(() => rmSync(dist, { recursive: true, force: true }));

test('what is imported when it is needed is not part of what imports it', () => {
  const code =
    'import{a as t}from"./one-1.js";import"./two-2.js";const p=()=>import("./three-3.js")';
  expect(staticImports(code)).toStrictEqual(['one-1.js', 'two-2.js']);
});

test('each file counts where it is loaded first', () => {
  const files = {
    'index-1.js': 'import{h}from"./shared-2.js";import("./vm-page-3.js")',
    'shared-2.js': 'export const h=1',
    'vm-page-3.js': 'import"./index-1.js";import"./list-4.js";import("./overview-5.js")',
    'list-4.js': 'export const list=[]',
    'overview-5.js': 'import"./vm-page-3.js";import"./shared-2.js"',
    'hosts-page-6.js': 'import"./list-4.js"',
    'index-7.css': 'a{color:red}',
    'vm-page-8.css': 'b{color:blue}',
  };
  mkdirSync(join(dist, 'assets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dist, 'assets', name), text);
  const head =
    '<script type="module" src="/assets/index-1.js"></script><link rel="modulepreload" ' +
    'href="/assets/shared-2.js"><link rel="stylesheet" href="/assets/index-7.css">';
  writeFileSync(join(dist, 'index.html'), head);
  const size = (...names: readonly (keyof typeof files)[]): number =>
    names.reduce((sum, name) => sum + gzipSync(files[name], { level: 9 }).length, 0);
  expect(measureBundle(dist)).toStrictEqual({
    initialJs: size('index-1.js', 'shared-2.js'),
    initialCss: size('index-7.css'),
    vmPageJs: size('vm-page-3.js', 'list-4.js'),
    chartsJs: size('overview-5.js'),
    allCss: size('index-7.css', 'vm-page-8.css'),
  });
});
