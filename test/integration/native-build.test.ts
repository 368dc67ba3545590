/** The native binaries themselves: how they are built, and that they need nothing but Linux. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { healthSchema } from '@innkeeper/protocol';
import { expect, onTestFinished, test, vi, type TestContext } from 'vitest';
import { buildNative } from '../../scripts/build/native.ts';
import { obtainSources } from '../../scripts/build/native/sources.ts';
import { NATIVE, NATIVE_WITH_TLS, startAgent } from '../support/agent-process.ts';
import { parseExposition } from '../support/exposition-text.ts';
import { ask } from '../support/http-client.ts';
import { enterNamespace } from '../support/namespace.ts';
import { orSkip } from '../support/obtained.ts';

/** From the engine's sources on: half a minute of one core, more on a busy machine. */
const BUILD_MS = 4 * 60_000;
const MEBIBYTE = 1024 * 1024;
/** The program, and its variables. */
const MOST_LOCKED_BYTES = 2 * MEBIBYTE;

const nativePath = (context: TestContext): string =>
  orSkip(context, 'the native agent', NATIVE).path;
const tlsPath = (context: TestContext): string =>
  orSkip(context, 'the native agent with TLS', NATIVE_WITH_TLS).path;

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-native-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Program headers of a 64-bit ELF file (elf(5)) by type. */
const programHeaders = (elf: Buffer): number[] => {
  const start = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  return Array.from({ length: elf.readUInt16LE(56) }, (_, index) =>
    elf.readUInt32LE(start + index * size),
  );
};

/** The variant, how much it may have, and whether there is TLS in it. */
const VARIANTS = [
  ['release', MEBIBYTE, false, nativePath],
  ['tls', 1.5 * MEBIBYTE, true, tlsPath],
] as const;

test.for(VARIANTS)(
  'is one static file without more in it than it says: %s, %d bytes',
  ([, most, hasTls, pathIn], context) => {
    const elf = readFileSync(pathIn(context));
    expect(elf.subarray(0, 4).toString('latin1')).toBe('\u007fELF');
    expect(elf.length).toBeLessThanOrEqual(most);
    const PT_INTERP = 3;
    expect(programHeaders(elf)).not.toContain(PT_INTERP);
    // The name of a function, as the bytecode has it and `native/tls.c` gives it.
    expect(elf.includes('tlsSession\0')).toBe(hasTls);
  },
);

test.for(VARIANTS)(
  'is the same, byte for byte, when it is built again somewhere else: %s',
  { timeout: BUILD_MS },
  async ([variant, , , pathIn], context) => {
    const path = pathIn(context);
    const first = readFileSync(path);
    const sources = await obtainSources();
    if (!sources.ok) throw new Error(sources.reason);
    const fetched = dirname(sources.sources.quickjs);
    const cache = makeFolder();
    mkdirSync(join(cache, 'native'));
    symlinkSync(fetched, join(cache, 'native', fetched.slice(fetched.lastIndexOf('/') + 1)));
    vi.stubEnv('INNKEEPER_CACHE_DIR', cache);
    expect(await buildNative(variant)).toMatchObject({ ok: true, changed: false });
    expect(readFileSync(path).equals(first)).toBe(true);
  },
);

test('keeps what it has used of its program in memory, where it may', async (context) => {
  const agent = await startAgent({ build: { name: 'native', command: [nativePath(context)] } });
  onTestFinished(async () => void (await agent.kill()));
  const fileOf = (name: string): string => readFileSync(`/proc/${agent.pid}/${name}`, 'utf8');
  const limit = /^Max locked memory +(\d+)/mu.exec(fileOf('limits'))?.[1];
  const may = process.getuid?.() === 0 || limit === undefined || Number(limit) >= MOST_LOCKED_BYTES;
  if (!may) return context.skip(`a process may lock ${limit} bytes (ulimit -l)`);
  const lockedKib = Number(/^VmLck:\s+(\d+) kB$/mu.exec(fileOf('status'))?.[1]);
  expect(lockedKib).toBeGreaterThan(0);
  expect(lockedKib * 1024).toBeLessThanOrEqual(MOST_LOCKED_BYTES);
  return undefined;
});

test('serves from a root that holds nothing but itself, its configuration, /proc and /sys', async (context) => {
  const program = nativePath(context);
  const folder = makeFolder();
  const empty = join(folder, 'root');
  // startAgent puts the configuration there.
  const temporary = join(empty, tmpdir());
  for (const path of [join(empty, 'proc'), join(empty, 'sys'), temporary]) {
    mkdirSync(path, { recursive: true });
  }
  copyFileSync(program, join(empty, 'guest-agent'));
  const namespace = enterNamespace(
    [
      `mount --rbind /proc '${empty}/proc'`,
      `mount --rbind /sys '${empty}/sys'`,
      `mount --bind '${tmpdir()}' '${temporary}'`,
    ].join('\n'),
  );
  if (!namespace.ok) return context.skip(namespace.reason);
  const socketPath = join(empty, 'agent.sock');
  const agent = await startAgent({
    build: { name: 'alone', command: ['/guest-agent'] },
    launcher: [...namespace.launcher, 'chroot', empty],
    args: ['--listen', '0.0.0.0:0', '--socket', '/agent.sock'],
  });
  onTestFinished(async () => void (await agent.kill()));
  healthSchema.parse((await ask({ socketPath }, '/health')).json());
  const { text } = await ask({ socketPath }, '/metrics');
  expect(parseExposition(text).get('node_memory_MemTotal_bytes')?.samples).toHaveLength(1);
  return undefined;
});

test.for(['SIGSEGV', 'SIGBUS', 'SIGABRT'] as const)(
  'says so in a line when it crashes by %s, and ends by that signal',
  async (name, context) => {
    const agent = await startAgent({ build: { name: 'native', command: [nativePath(context)] } });
    agent.signal(name);
    expect(await agent.exited).toStrictEqual({ code: null, signal: name });
    const number = String(constants.signals[name]).padStart(2, '0');
    expect(agent.stderr()).toContain(`\nguest-agent: crashed by signal ${number}, `);
  },
);
