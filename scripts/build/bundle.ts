/** Bundles a part into one file that runs without node_modules (https://esbuild.github.io/api/). */

import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions, type OutputFile } from 'esbuild';
import { root } from '../root.ts';

export interface Bundle {
  entry: string;
  file: string;
  /** Its version becomes the constant __VERSION__. */
  manifest: string;
  target: string;
  /** May code of npm packages be part of it? */
  packages: boolean;
  options: Pick<
    BuildOptions,
    | 'banner'
    | 'external'
    | 'legalComments'
    | 'minify'
    | 'minifySyntax'
    | 'minifyWhitespace'
    | 'platform'
  >;
}

const SHEBANG = '#!/usr/bin/env node';

const agent = {
  entry: 'apps/guest-agent/src/platform/node/entry.ts',
  file: 'apps/guest-agent/dist/guest-agent.mjs',
  manifest: 'apps/guest-agent/package.json',
  // Debian 12 and Ubuntu 24.04 bring Node 18.
  target: 'node18',
  packages: false,
  options: { banner: { js: SHEBANG }, legalComments: 'none' },
} satisfies Bundle;

const manager = {
  entry: 'apps/manager/src/main.ts',
  file: 'apps/manager/dist/manager.mjs',
  manifest: 'apps/manager/package.json',
  target: 'node20',
  packages: true,
  options: {
    // What is CommonJS asks for Node's modules by `require`, which an ES module does not have.
    banner: {
      // A name that is too long for the minifier, which does not know of it, to give to something else.
      js: `${SHEBANG}\nimport{createRequire as bannerRequire}from'node:module';const require=bannerRequire(import.meta.url);`,
    },
    // Of pg, and only where it is installed.
    external: ['pg-native'],
    // The licences of what is in it, in a file beside it.
    legalComments: 'external',
  },
} satisfies Bundle;

export interface Built {
  /** Relative to the repository. */
  file: string;
  path: string;
  version: string;
  bytes: number;
  gzipBytes: number;
  /** False: the file was there already, byte for byte. */
  changed: boolean;
}

function readVersion(manifest: string): string {
  const content: unknown = JSON.parse(readFileSync(join(root, manifest), 'utf8'));
  if (typeof content !== 'object' || content === null || !('version' in content)) {
    throw new Error(`${manifest} has no version, which the bundle is to report`);
  }
  return String(content.version);
}

function hash(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A new file only where there is news, and never half a file: other runs may be reading it. */
export function writeIfNew(path: string, content: Uint8Array, mode: number): boolean {
  try {
    if (hash(readFileSync(path)) === hash(content)) return false;
  } catch {
    // There is none yet.
  }
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, content);
  chmodSync(aside, mode);
  renameSync(aside, path);
  return true;
}

/** The bundle, and what comes beside it, without writing them. */
export async function makeBundle(part: Bundle): Promise<{
  readonly version: string;
  readonly path: string;
  readonly content: Uint8Array;
  readonly beside: readonly OutputFile[];
}> {
  const { entry, file, manifest, target, packages, options } = part;
  const version = readVersion(manifest);
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    outfile: file,
    platform: 'node',
    format: 'esm',
    target,
    // Short names too: V8 keeps the source, and they save 0.7 MB of the agent's memory.
    minify: true,
    charset: 'utf8',
    define: { __VERSION__: JSON.stringify(version) },
    logLevel: 'silent',
    ...options,
  });

  const foreign = Object.keys(result.metafile.inputs).find((path) => path.includes('node_modules'));
  if (foreign !== undefined && !packages) {
    throw new Error(
      `${file} would contain ${foreign}, but this part must do without npm packages: ` +
        'look for an import that should be `import type`',
    );
  }
  const path = join(root, file);
  const output = result.outputFiles.find((made) => made.path === path);
  if (output === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  const beside = result.outputFiles.filter((made) => made !== output);
  return { version, path, content: output.contents, beside };
}

async function bundle(part: Bundle): Promise<Built> {
  const { version, path, content, beside } = await makeBundle(part);
  for (const made of beside) writeIfNew(made.path, made.contents, 0o644);
  return {
    file: part.file,
    path,
    version,
    bytes: content.byteLength,
    gzipBytes: gzipSync(content, { level: 9 }).byteLength,
    changed: writeIfNew(path, content, 0o755),
  };
}

/** The guest agent for Node: one file of its own. Cheap when nothing has changed. */
export async function buildAgent(): Promise<Built> {
  return await bundle(agent);
}

/** The manager for Node, with its migrations beside it. */
export async function buildManager(): Promise<Built> {
  const migrations = join(root, 'migrations');
  const beside = join(root, 'apps/manager/dist/migrations');
  const names = readdirSync(migrations).filter((name) => name.endsWith('.sql'));
  for (const name of names) {
    writeIfNew(join(beside, name), readFileSync(join(migrations, name)), 0o644);
  }
  // One that has been renamed since would be run as well. What does not end so is another run's, which
  // is about to give it its name.
  for (const name of readdirSync(beside)) {
    if (name.endsWith('.sql') && !names.includes(name)) rmSync(join(beside, name), { force: true });
  }
  return await bundle(manager);
}
