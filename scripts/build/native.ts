/**
 * `npm run build:native`: the agent as one static binary. The same TypeScript as the bundle for Node
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

const FILES: Readonly<Record<Variant, string>> = {
  release: `${DIST}/guest-agent-linux-x64`,
  tls: `${DIST}/guest-agent-linux-x64-tls`,
  sanitized: `${DIST}/guest-agent-linux-x64-sanitized`,
  checked: `${DIST}/guest-agent-linux-x64-checked`,
};

/** Where the one that is shipped is, once it was built. */
export const NATIVE_PATH = join(root, FILES.release);
export const NATIVE_TLS_PATH = join(root, FILES.tls);

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
const INSTALL: Readonly<Record<Variant, string>> = {
  release: 'apt-get install gcc',
  tls: 'apt-get install gcc',
  sanitized: 'apt-get install gcc libc6-dev',
  checked: 'apt-get install gcc libc6-dev',
};

const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
};

/** Its full version, or why there is none. */
const findGcc = async (): Promise<
  { ok: true; version: string } | { ok: false; reason: string }
> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const machine = `${process.platform} on ${process.arch}`;
    return { ok: false, reason: `it is built on Linux on x64, and this is ${machine}` };
  }
  const { ok, output } = await runCommand('gcc', ['-v'], { timeoutMs: RUN_MS });
  if (ok) return { ok, version: output };
  return { ok, reason: 'gcc is not on the PATH' };
};

/** The others need the system's headers and gcc's sanitizers as well, which may be lacking. */
const tryOut = async (variant: Variant): Promise<Filled> => {
  if (variant === 'release' || variant === 'tls') return { ok: true };
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
  const tried = await runGcc(args, folder);
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
  const compiled = await compileUnits(units, folder);
  if (!compiled.ok) return compiled;
  const { before, after } = flags.link;
  const objects = [...compiled.objects, ...engine.objects, ...engine.objectsOfLibraries];
  return await runGcc(['-o', variant, ...before, ...objects, ...after], folder);
};

/** All that the binary is made of. */
const gather = async (
  variant: Variant,
  sources: Sources,
  gccVersion: string,
  bundle: Uint8Array,
): Promise<{ ok: true; parts: Parts } | { ok: false; reason: string }> => {
  const flags = await makeFlags(variant, sources);
  const compiled = await compileEngine(variant, flags, sources, gccVersion);
  if (!compiled.ok) return compiled;
  const { engine } = compiled;
  const tool = await buildBytecodeTool(join(C_FOLDER, TOOL), flags, engine);
  if (!tool.ok) return tool;
  return { ok: true, parts: { variant, flags, engine, bytecodeTool: tool.path, bundle } };
};

/** A program of the cache that runs this bundle; the hash of all that it is made of is in its path. */
export const compileNative = async (
  variant: Variant,
  bundle: Uint8Array,
): Promise<{ ok: true; path: string } | Extract<NativeBuild, { ok: false }>> => {
  const gcc = await findGcc();
  if (!gcc.ok) return { ...gcc, install: INSTALL[variant] };
  const tried = await tryOut(variant);
  if (!tried.ok) return { ...tried, install: INSTALL[variant] };
  const obtained = await obtainSources();
  if (!obtained.ok) return { ...obtained, install: "a mirror with Debian's current packages" };
  const gathered = await gather(variant, obtained.sources, gcc.version, bundle);
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
export const buildNative = async (variant: Variant = 'release'): Promise<NativeBuild> => {
  const entry = hasTls(variant) ? 'entry-tls.ts' : 'entry.ts';
  const { version, content } = await makeNativeBundle(`${ENTRIES}/${entry}`);
  const compiled = await compileNative(variant, content);
  if (!compiled.ok) return compiled;
  const file = FILES[variant];
  const path = join(root, file);
  const program = readFileSync(compiled.path);
  const changed = writeIfNew(path, program, 0o755);
  return { ok: true, file, path, version, bytes: program.byteLength, changed };
};
