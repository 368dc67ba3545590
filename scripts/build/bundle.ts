/** Bundles a part into one file that runs without node_modules (https://esbuild.github.io/api/). */

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from '../root.ts';

interface Bundle {
  entry: string;
  file: string;
  /** Its version becomes the constant __VERSION__. */
  manifest: string;
  target: string;
  /** May code of npm packages be part of it? */
  packages: boolean;
}

const agent = {
  entry: 'apps/guest-agent/src/platform/node/entry.ts',
  file: 'apps/guest-agent/dist/guest-agent.mjs',
  manifest: 'apps/guest-agent/package.json',
  // Debian 12 and Ubuntu 24.04 bring Node 18.
  target: 'node18',
  packages: false,
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
function writeExecutable(path: string, content: Uint8Array): boolean {
  try {
    if (hash(readFileSync(path)) === hash(content)) return false;
  } catch {
    // There is none yet.
  }
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, content);
  chmodSync(aside, 0o755);
  renameSync(aside, path);
  return true;
}

async function bundle({ entry, file, manifest, target, packages }: Bundle): Promise<Built> {
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
    legalComments: 'none',
    charset: 'utf8',
    banner: { js: '#!/usr/bin/env node' },
    define: { __VERSION__: JSON.stringify(version) },
    logLevel: 'silent',
  });

  const foreign = Object.keys(result.metafile.inputs).find((path) => path.includes('node_modules'));
  if (foreign !== undefined && !packages) {
    throw new Error(
      `${file} would contain ${foreign}, but this part must do without npm packages: ` +
        'look for an import that should be `import type`',
    );
  }
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of ${entry}`);

  const path = join(root, file);
  return {
    file,
    path,
    version,
    bytes: output.contents.byteLength,
    gzipBytes: gzipSync(output.contents, { level: 9 }).byteLength,
    changed: writeExecutable(path, output.contents),
  };
}

/** The guest agent for Node: one file of its own. Cheap when nothing has changed. */
export async function buildAgent(): Promise<Built> {
  return await bundle(agent);
}
