/**
 * `npm run build:native`: the agent as one static binary for each machine that there is a compiler
 * for. The same TypeScript as the bundle for Node
 * is bundled over `platform/quickjs/`, compiled to bytecode, and linked with the engine, the C of
 * `apps/guest-agent/native/` and musl. Everything is kept in the cache under a hash of what it is
 * made of: seconds when only TypeScript has changed, nothing when nothing has.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedFolder, type Filled } from '../cached-folder.ts';
import { root } from '../root.ts';
import { runCommand } from '../run-command.ts';
import { makeBundle, writeIfNew, type Bundle } from './bundle.ts';
import { compileUnits, runGcc } from './native/compile.ts';
import { buildBytecodeTool, compileEngine, type Engine } from './native/engine.ts';
import { hasTls, makeFlags, type Flags, type Variant } from './native/flags.ts';
import { obtainSources, type Sources } from './native/sources.ts';
import { findCompiler, X64, type Target } from './native/target.ts';

export type NativeBuild =
  | {
      readonly ok: true;
      /** Relative to the repository. */
      readonly file: string;
      readonly path: string;
      readonly version: string;
      readonly bytes: number;
      readonly changed: boolean;
    }
  | {
      readonly ok: false;
      /** "gcc is not on the PATH" */
      readonly reason: string;
      /** What a person can type to have it, or do. */
      readonly install: string;
    };

const DIST = 'apps/guest-agent/dist';
const C_FOLDER = join(root, 'apps/guest-agent/native');
/** A tool of the build, and not part of the agent. */
const TOOL = 'bytecode.c';
const WITH_TLS: ReadonlySet<string> = new Set(['identity.c', 'tls.c']);

const fileOf = (variant: Variant, { name }: Target): string =>
  `${DIST}/guest-agent-linux-${name}${variant === 'release' ? '' : `-${variant}`}`;

/** Where those that are shipped are, once they were built. */
export const nativePath = (target: Target, variant: Variant = 'release'): string =>
  join(root, fileOf(variant, target));

const ENTRIES = 'apps/guest-agent/src/platform/quickjs';

const BUNDLE = {
  file: `${DIST}/guest-agent-quickjs.mjs`,
  manifest: 'apps/guest-agent/package.json',
  target: 'es2023',
  packages: false,
  options: {
    platform: 'neutral',
    legalComments: 'none',
    // The names of functions stay, for the stack of an exception: 1 % of the binary.
    minify: false,
    minifySyntax: true,
    minifyWhitespace: true,
  },
} satisfies Omit<Bundle, 'entry'>;

const RUN_MS = 60_000;
/** Of the machine's own headers it asks nothing. */
const isShipped = (variant: Variant): boolean => variant === 'release' || variant === 'tls';
const installOf = (variant: Variant, target: Target): string =>
  isShipped(variant) ? target.install : `${target.install} libc6-dev`;

const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
};

/** The others need the system's headers and gcc's sanitizers as well, which may be lacking. */
const tryOut = async (variant: Variant, { compiler }: Target): Promise<Filled> => {
  if (isShipped(variant)) return { ok: true };
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-gcc-'));
  const sanitize = variant === 'sanitized' ? ['-fsanitize=address,undefined'] : [];
  const args = [
    ...sanitize,
    '-include',
    'stdio.h',
    '-xc',
    '/dev/null',
    '-shared',
    '-o',
    'trial.so',
  ];
  const tried = await runGcc(compiler, args, folder);
  rmSync(folder, { recursive: true });
  return tried;
};

interface Parts {
  readonly variant: Variant;
  readonly flags: Flags;
  readonly engine: Engine;
  readonly bytecodeTool: string;
  readonly bundle: Uint8Array;
}

const link = async (folder: string, parts: Parts): Promise<Filled> => {
  const { variant, flags, engine, bytecodeTool } = parts;
  const bundle = join(folder, 'guest-agent.mjs');
  const bytecode = join(folder, 'guest-agent.bytecode');
  writeFileSync(bundle, parts.bundle);
  const made = await runCommand(bytecodeTool, [bundle, bytecode], { timeoutMs: RUN_MS });
  if (!made.ok) return { ok: false, reason: made.output.trim() };
  const own = [...flags.common, ...flags.own, `-DBYTECODE="${bytecode}"`];
  const units = readdirSync(C_FOLDER)
    .filter((name) => name.endsWith('.c') && name !== TOOL)
    .filter((name) => !WITH_TLS.has(name) || hasTls(variant))
    .toSorted()
    .map((name) => ({ source: join(C_FOLDER, name), flags: own }));
  const compiled = await compileUnits(flags.compiler, units, folder);
  if (!compiled.ok) return compiled;
  const { before, after } = flags.link;
  const objects = [...compiled.objects, ...engine.objects, ...engine.objectsOfLibraries];
  const args = ['-o', variant, ...before, ...objects, ...after];
  return await runGcc(flags.compiler, args, folder);
};

interface Asked {
  readonly variant: Variant;
  readonly target: Target;
  readonly bundle: Uint8Array;
}

/** The tool runs on this machine; its bytecode is the same for both, of 64 bits and little-endian. */
const obtainTool = async (
  { variant, target }: Asked,
  sources: Sources,
  own: { readonly flags: Flags; readonly engine: Engine },
): Promise<{ ok: true; path: string } | { ok: false; reason: string }> => {
  const source = join(C_FOLDER, TOOL);
  if (target.name === 'x64') return await buildBytecodeTool(source, own.flags, own.engine);
  const gcc = await findCompiler(X64.compiler);
  if (!gcc.ok) return gcc;
  const flags = await makeFlags(variant, sources, X64);
  const compiled = await compileEngine(variant, flags, sources, gcc.version);
  if (!compiled.ok) return compiled;
  return await buildBytecodeTool(source, flags, compiled.engine);
};

/** All that the binary is made of. */
const gather = async (
  asked: Asked,
  sources: Sources,
  gccVersion: string,
): Promise<{ ok: true; parts: Parts } | { ok: false; reason: string }> => {
  const { variant, target, bundle } = asked;
  const flags = await makeFlags(variant, sources, target);
  const compiled = await compileEngine(variant, flags, sources, gccVersion);
  if (!compiled.ok) return compiled;
  const { engine } = compiled;
  const tool = await obtainTool(asked, sources, { flags, engine });
  if (!tool.ok) return tool;
  return { ok: true, parts: { variant, flags, engine, bytecodeTool: tool.path, bundle } };
};

/** A program of the cache that runs this bundle; the hash of all that it is made of is in its path. */
export const compileNative = async (
  variant: Variant,
  bundle: Uint8Array,
  target: Target = X64,
): Promise<{ ok: true; path: string } | Extract<NativeBuild, { ok: false }>> => {
  const install = installOf(variant, target);
  const gcc = await findCompiler(target.compiler);
  if (!gcc.ok) return { ...gcc, install };
  // It compiles what runs here.
  const own = await findCompiler(X64.compiler);
  if (!own.ok) return { ...own, install: installOf(variant, X64) };
  const tried = await tryOut(variant, target);
  if (!tried.ok) return { ...tried, install };
  const obtained = await obtainSources();
  if (!obtained.ok) return { ...obtained, install: "a mirror with Debian's current packages" };
  const gathered = await gather({ variant, target, bundle }, obtained.sources, gcc.version);
  // From here on it is our code that is wrong.
  if (!gathered.ok) throw new Error(gathered.reason);
  const { parts } = gathered;
  const ownFiles = readdirSync(C_FOLDER)
    .toSorted()
    .map((name) => readFileSync(join(C_FOLDER, name)));
  const hash = hashOf(parts.engine.hash, JSON.stringify(parts.flags), bundle, ...ownFiles);
  const cached = await cachedFolder(
    join('native', `agent-${variant}-${hash}`),
    async (folder) => await link(folder, parts),
  );
  if (!cached.ok) throw new Error(cached.reason);
  return { ok: true, path: join(cached.folder, variant) };
};

/** A bundle for the engine, of which nothing but the language may be asked. */
export const makeNativeBundle = async (
  entry: string,
): Promise<{ readonly content: Uint8Array; readonly version: string }> =>
  await makeBundle({ ...BUNDLE, entry });

/** Cheap when nothing has changed. */
export const buildNative = async (
  variant: Variant = 'release',
  target: Target = X64,
): Promise<NativeBuild> => {
  const entry = hasTls(variant) ? 'entry-tls.ts' : 'entry.ts';
  const { version, content } = await makeNativeBundle(`${ENTRIES}/${entry}`);
  const compiled = await compileNative(variant, content, target);
  if (!compiled.ok) return compiled;
  const file = fileOf(variant, target);
  const path = join(root, file);
  const program = readFileSync(compiled.path);
  const changed = writeIfNew(path, program, 0o755);
  return { ok: true, file, path, version, bytes: program.byteLength, changed };
};
