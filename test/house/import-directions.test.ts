/**
 * The import directions of the design are lint rules, and a lint rule that matches nothing looks
 * exactly like one that is kept. So each is broken here, in a copy of the folder structure.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/root.ts';
import { runCommand } from '../../scripts/run-command.ts';

const core = 'apps/guest-agent/src';
const onNode = 'apps/guest-agent/src/platform/node';

const forbidden: readonly [name: string, file: string, source: string][] = [
  ['procfs: Node', 'packages/procfs/src/a.ts', "import 'node:fs'"],
  ['procfs: a package', 'packages/procfs/src/b.ts', "import 'zod'"],
  ['procfs: by path', 'packages/procfs/src/c.ts', "import '../../protocol/src/a.ts'"],
  ['journal: Node', 'packages/journal/src/a.ts', "import 'node:fs'"],
  ['journal: procfs', 'packages/journal/src/b.ts', "import '@innkeeper/procfs'"],
  ['protocol: Node', 'packages/protocol/src/a.ts', "import 'node:fs'"],
  ['protocol: procfs', 'packages/protocol/src/b.ts', "import '@innkeeper/procfs'"],
  ['core: values of protocol', `${core}/a.ts`, "import { a } from '@innkeeper/protocol'"],
  ['core: values, passed on', `${core}/b.ts`, "export { a } from '@innkeeper/protocol'"],
  ['core: values, later', `${core}/c.ts`, "export const a = import('@innkeeper/protocol')"],
  ['core: Node', `${core}/d.ts`, "import 'node:fs'"],
  ['core: Node, old name', `${core}/e.ts`, "import 'fs'"],
  ['core: a package', `${core}/f.ts`, "import type { Plugin } from 'esbuild'"],
  ['core: another app', `${core}/g.ts`, "import '../../manager/src/a.ts'"],
  ['core: its Node platform', `${core}/h.ts`, "import './platform/node/a.ts'"],
  ['core: test tools', `${core}/i.ts`, "import './testing/a.ts'"],
  ['core: test tools from below', `${core}/http/a.ts`, "import '../testing/a.ts'"],
  ['platform: a package', `${onNode}/a.ts`, "import 'esbuild'"],
  ['platform: values of protocol', `${onNode}/b.ts`, "import { a } from '@innkeeper/protocol'"],
  ['platform: test tools', `${onNode}/c.ts`, "import '../../testing/a.ts'"],
  ['a test: another app', `${core}/a.test.ts`, "import '../../manager/src/a.ts'"],
];

const allowed: readonly [name: string, file: string, source: string][] = [
  ['protocol: zod', 'packages/protocol/src/y.ts', "import { z } from 'zod'"],
  ['core: procfs', `${core}/w.ts`, "import { a } from '@innkeeper/procfs'"],
  ['core: journal', `${core}/v.ts`, "import { a } from '@innkeeper/journal'"],
  ['core: types of protocol', `${core}/x.ts`, "import type { A } from '@innkeeper/protocol'"],
  ['core: itself', `${core}/http/y.ts`, "import { a } from '../collectors/a.ts'"],
  ['platform: Node', `${onNode}/y.ts`, "import { join } from 'node:path'"],
  ['platform: the core', `${onNode}/z.ts`, "import { a } from '../../a.ts'"],
  ['a test: test tools and Node', `${core}/y.test.ts`, "import './testing/a.ts'; import 'node:fs'"],
];

let folder = '';
let output = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-lint-'));
  for (const [, file, source] of [...forbidden, ...allowed]) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), `${source};\n`);
  }
  const config = readFileSync(join(root, '.oxlintrc.json'), 'utf8');
  // Types would need the packages to be there, and no import rule looks at them.
  const untyped = config.replace('"typeAware": true', '"typeAware": false');
  writeFileSync(join(folder, '.oxlintrc.json'), untyped);
  const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
  ({ output } = await runCommand(oxlint, ['-f', 'unix'], { cwd: folder, timeoutMs: 10_000 }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function restrictedImportsIn(file: string): string[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith(`${file}:`) && line.includes('no-restricted-imports'));
}

describe('forbidden imports', () => {
  test.each(forbidden)('%s', (_, file) => {
    expect(restrictedImportsIn(file), output).toHaveLength(1);
  });
});

describe('allowed imports', () => {
  test.each(allowed)('%s', (_, file) => {
    expect(restrictedImportsIn(file)).toEqual([]);
  });
});
