/** How the native binary is compiled and linked: the one that is shipped, and the one that is tested. */
import { dirname, join } from 'node:path';
import { QUICKJS_VERSION } from './pins.ts';
import type { Sources } from './sources.ts';
import { askCompiler, type Compiler, type Target } from './target.ts';

/**
 * `release` is a static binary against musl, `tls` the same with TLS in it. `sanitized` runs on the machine's own C library under
 * AddressSanitizer and UndefinedBehaviorSanitizer, whose findings end it; `checked` too, for valgrind,
 * which knows the heap of that library.
 */
export type Variant = 'release' | 'tls' | 'sanitized' | 'checked';

/** What is tested has all there is. */
export const hasTls = (variant: Variant): boolean => variant !== 'release';

export interface Flags {
  readonly compiler: Compiler;
  /** For everything. */
  readonly common: readonly string[];
  readonly engine: readonly string[];
  readonly libsodium: readonly string[];
  readonly zstd: readonly string[];
  readonly bearssl: readonly string[];
  /** For our own code. */
  readonly own: readonly string[];
  /** Around the objects. */
  readonly link: { readonly before: readonly string[]; readonly after: readonly string[] };
}

const LANGUAGE = ['-std=gnu11', '-D_GNU_SOURCE'];

/** -Os: 100 kB less than -O2, all of them resident, for a sixth more CPU. */
const RELEASE = [
  '-Os',
  '-fPIE',
  '-fvisibility=hidden',
  '-ffunction-sections',
  '-fdata-sections',
  '-fstack-protector-strong',
  '-fstack-clash-protection',
  '-fno-asynchronous-unwind-tables',
  '-fno-unwind-tables',
];

const CHECKED = ['-O1', '-g', '-fno-omit-frame-pointer', '-DSYSTEM_MALLOC'];

const SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** Of -Os too: a tenth less CPU for 8 kB. 12 is a sixth less, and past a megabyte. */
const INLINE_SMALLEST = '--param=max-inline-insns-size=5';

/** What the engine does on purpose, and says so in its own Makefile. */
const ENGINE = [
  '-w',
  INLINE_SMALLEST,
  '-fwrapv',
  '-funsigned-char',
  `-DCONFIG_VERSION="${QUICKJS_VERSION}"`,
];

/** Of each of its algorithms the smaller one: a field of a journal has a kilobyte. */
const ZSTD = [
  '-w',
  '-DDYNAMIC_BMI2=0',
  '-DHUF_FORCE_DECOMPRESS_X1',
  '-DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT',
  '-DZSTD_NO_INLINE',
];

/** What waits for the end of a handshake is a connection; its build has the room. */
const BEARSSL = ['-w', '-O2', '-DBR_LE_UNALIGNED=0'];

const WARNINGS = [
  '-Wall',
  '-Wextra',
  '-Wpedantic',
  '-Wshadow',
  '-Wconversion',
  '-Wstrict-prototypes',
  '-Wmissing-prototypes',
  '-Wcast-qual',
  '-Wcast-align=strict',
  '-Wwrite-strings',
  '-Wformat=2',
  '-Wundef',
  '-Wvla',
  '-Werror',
];

/** Where gcc has its own headers and the parts of a program that come from it. */
const askGcc = async (compiler: Compiler, question: string): Promise<string> => {
  const asked = await askCompiler(compiler, question);
  if (!asked.ok) throw new Error(asked.reason);
  return asked.answer;
};

/** gcc's own start of a program, with musl's headers and library in the place of the system's. */
const muslFlags = async (musl: string, { compiler, triplet }: Target) => {
  const gccHeaders = await askGcc(compiler, '-print-file-name=include');
  const gccLibrary = dirname(await askGcc(compiler, '-print-libgcc-file-name'));
  const library = join(musl, 'lib', triplet);
  const headers = join(musl, 'include', triplet);
  return {
    compile: ['-nostdinc', '-isystem', headers, '-isystem', gccHeaders],
    before: [
      '-static-pie',
      '-nostdlib',
      '-Wl,--no-dynamic-linker,-z,text,-z,relro,-z,now,-z,noexecstack',
      '-Wl,--gc-sections,--build-id=none,--strip-all',
      join(library, 'rcrt1.o'),
      join(library, 'crti.o'),
      join(gccLibrary, 'crtbeginS.o'),
    ],
    after: [
      `-L${library}`,
      '-Wl,--start-group',
      '-lc',
      '-lgcc',
      '-Wl,--end-group',
      join(gccLibrary, 'crtendS.o'),
      join(library, 'crtn.o'),
    ],
  };
};

export const makeFlags = async (
  variant: Variant,
  sources: Sources,
  target: Target,
): Promise<Flags> => {
  const { quickjs, libsodium, zstd, bearssl } = sources;
  const headers = [
    quickjs,
    join(libsodium, 'include'),
    join(libsodium, 'include/sodium'),
    join(zstd, 'lib'),
    ...(hasTls(variant) ? [join(bearssl, 'inc')] : []),
  ].flatMap((folder) => ['-isystem', folder]);
  const shared = {
    compiler: target.compiler,
    engine: ENGINE,
    libsodium: [
      '-w',
      '-DHAVE_TI_MODE',
      '-DNATIVE_LITTLE_ENDIAN',
      '-DSODIUM_STATIC',
      ...['include', 'include/sodium', 'include/sodium/private'].map(
        (name) => `-I${join(libsodium, name)}`,
      ),
    ],
    zstd: [...ZSTD, ...['lib', 'lib/common'].map((name) => `-I${join(zstd, name)}`)],
    bearssl: [...BEARSSL, ...['inc', 'src'].map((name) => `-I${join(bearssl, name)}`)],
    own: [...WARNINGS, ...headers, ...(hasTls(variant) ? ['-DWITH_TLS'] : [])],
  };
  if (variant === 'sanitized' || variant === 'checked') {
    const sanitize = variant === 'sanitized' ? SANITIZE : [];
    const common = [...LANGUAGE, ...CHECKED, ...sanitize];
    return { ...shared, common, link: { before: sanitize, after: ['-lm', '-lpthread'] } };
  }
  const { compile, before, after } = await muslFlags(sources.musl[target.name], target);
  const common = [...LANGUAGE, ...RELEASE, ...target.flags, ...compile];
  return { ...shared, common, link: { before, after } };
};
