/** The agent as it was built here, with another version, and with faults that a release may have. */
import { readFileSync } from 'node:fs';
import { compileNative, makeNativeBundle } from '../../scripts/build/native.ts';
import { BUNDLE, NATIVE, NATIVE_WITH_TLS } from './agent-process.ts';

/** `crashes`: it tells its version, and ends itself as soon as it has begun to serve. */
export type Fault = 'none' | 'crashes';

export interface BuildKind {
  readonly name: string;
  readonly artefact: string;
  /** What stands before the file when it is started. */
  readonly starter: readonly string[];
  make(version: string, fault?: Fault): Promise<Uint8Array>;
}

const SERVING_CRASHES = {
  node: "if(!process.argv.includes('--version'))queueMicrotask(()=>process.exit(3));\n",
  native:
    "if(!native.arguments.includes('--version'))Promise.resolve().then(()=>native.exit(3));\n",
};

/** It stands alone, and in texts that were put together when it was built. */
const withVersion = (text: string, version: string): string => {
  const own = new RegExp(`(?<![\\d.])${BUNDLE.version.replaceAll('.', '\\.')}(?![\\d.])`, 'gu');
  if (!own.test(text)) throw new Error(`the bundle does not say ${BUNDLE.version}`);
  return text.replaceAll(own, version);
};

const NODE: BuildKind = {
  name: 'the bundle on Node',
  artefact: 'guest-agent.mjs',
  starter: [process.execPath],
  make: async (version, fault = 'none') => {
    const text = withVersion(readFileSync(BUNDLE.path, 'utf8'), version);
    const [shebang = '', ...rest] = text.split('\n');
    const spoilt = fault === 'crashes' ? SERVING_CRASHES.node : '';
    return Buffer.from(`${shebang}\n${spoilt}${rest.join('\n')}`);
  },
};

const makeNativeKind = (name: string, variant: 'release' | 'tls'): BuildKind => ({
  name,
  artefact: variant === 'tls' ? 'guest-agent-linux-x64-tls' : 'guest-agent-linux-x64',
  starter: [],
  make: async (version, fault = 'none') => {
    const entry = variant === 'tls' ? 'entry-tls.ts' : 'entry.ts';
    const { content } = await makeNativeBundle(`apps/guest-agent/src/platform/quickjs/${entry}`);
    const text = withVersion(Buffer.from(content).toString('utf8'), version);
    const spoilt = fault === 'crashes' ? SERVING_CRASHES.native : '';
    const built = await compileNative(variant, Buffer.from(spoilt + text));
    if (!built.ok) throw new Error(built.reason);
    return readFileSync(built.path);
  },
});

export const BUILD_KINDS: readonly BuildKind[] = [
  NODE,
  ...(NATIVE.ok ? [makeNativeKind('the native binary', 'release')] : []),
];

/** Also the one that differs in how it is asked, and in which artefact it is. */
export const ALL_KINDS: readonly BuildKind[] = [
  ...BUILD_KINDS,
  ...(NATIVE_WITH_TLS.ok ? [makeNativeKind('the native binary with TLS', 'tls')] : []),
];
