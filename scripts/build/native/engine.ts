/** The engine and the library, compiled once for each variant and kept in the cache. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder } from '../../cached-folder.ts';
import { BEARSSL } from './bearssl.ts';
import { compileUnits, runGcc } from './compile.ts';
import { hasTls, type Flags, type Variant } from './flags.ts';
import type { Sources } from './sources.ts';

/** All of QuickJS but its command line, its std and os modules and its own event loop. */
const ENGINE = ['quickjs', 'cutils', 'dtoa', 'libregexp', 'libunicode'];

/** Of libsodium only what signs, verifies and hashes. */
const LIBSODIUM = [
  'crypto_core/ed25519/ref10/ed25519_ref10',
  'crypto_hash/sha256/cp/hash_sha256_cp',
  'crypto_hash/sha256/hash_sha256',
  'crypto_hash/sha512/cp/hash_sha512_cp',
  'crypto_sign/ed25519/ref10/keypair',
  'crypto_sign/ed25519/ref10/open',
  'crypto_sign/ed25519/ref10/sign',
  'crypto_verify/sodium/verify',
];

/** All of the decoder and nothing else: it includes the files that it is made of. */
const ZSTD = ['build/single_file_libs/zstddeclib-in'];

export interface Engine {
  readonly objects: readonly string[];
  readonly objectsOfLibraries: readonly string[];
  /** Changes with anything that goes into it. */
  readonly hash: string;
}

const objectsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.o'))
    .toSorted()
    .map((name) => join(folder, name));

export const compileEngine = async (
  variant: Variant,
  flags: Flags,
  sources: Sources,
  gccVersion: string,
): Promise<{ ok: true; engine: Engine } | { ok: false; reason: string }> => {
  const everything = JSON.stringify([gccVersion, flags, ENGINE, LIBSODIUM, ZSTD, BEARSSL]);
  const hash = createHash('sha256').update(everything).digest('hex').slice(0, 16);
  const cached = await cachedFolder(join('native', `engine-${variant}-${hash}`), async (folder) => {
    for (const [name, root, files, own] of [
      ['quickjs', sources.quickjs, ENGINE, flags.engine],
      ['libsodium', sources.libsodium, LIBSODIUM, flags.libsodium],
      ['zstd', sources.zstd, ZSTD, flags.zstd],
      ['bearssl', sources.bearssl, hasTls(variant) ? BEARSSL : [], flags.bearssl],
    ] as const) {
      const into = join(folder, name);
      mkdirSync(into);
      const units = files.map((file) => ({
        source: join(root, `${file}.c`),
        // Paths of this machine would make two builds differ.
        flags: [...flags.common, ...own, `-ffile-prefix-map=${root}=${name}`],
      }));
      const compiled = await compileUnits(flags.compiler, units, into);
      if (!compiled.ok) return compiled;
    }
    return { ok: true };
  });
  if (!cached.ok) return cached;
  return {
    ok: true,
    engine: {
      objects: objectsIn(join(cached.folder, 'quickjs')),
      objectsOfLibraries: ['libsodium', 'zstd', 'bearssl'].flatMap((name) =>
        objectsIn(join(cached.folder, name)),
      ),
      hash,
    },
  };
};

/** The tool that makes bytecode of the bundle, beside the engine that it is made of. */
export const buildBytecodeTool = async (
  source: string,
  flags: Flags,
  engine: Engine,
): Promise<{ ok: true; path: string } | { ok: false; reason: string }> => {
  const hash = createHash('sha256').update(engine.hash);
  hash.update(readFileSync(source));
  const name = join('native', `bytecode-${hash.digest('hex').slice(0, 16)}`);
  const cached = await cachedFolder(name, async (folder) => {
    const compiled = await compileUnits(
      flags.compiler,
      [{ source, flags: [...flags.common, ...flags.own] }],
      folder,
    );
    if (!compiled.ok) return compiled;
    const { before, after } = flags.link;
    const args = ['-o', 'bytecode', ...before, ...compiled.objects, ...engine.objects, ...after];
    return await runGcc(flags.compiler, args, folder);
  });
  if (!cached.ok) return cached;
  const path = join(cached.folder, 'bytecode');
  return existsSync(path) ? { ok: true, path } : { ok: false, reason: `${name} is incomplete` };
};
