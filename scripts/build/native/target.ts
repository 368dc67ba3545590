/** The machines that the native binary is built for, all of them on Linux on x64. */
import { runCommand } from '../../run-command.ts';

export interface Compiler {
  /** A name on the PATH, or a path. */
  readonly command: string;
  /** Of its environment, besides the PATH. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface Target {
  /** As in the name of what is built. */
  readonly name: 'x64' | 'arm64';
  /** As musl names its folders. */
  readonly triplet: string;
  readonly compiler: Compiler;
  /** What only the compiler for this machine understands. */
  readonly flags: readonly string[];
  /** What a person can type to have the compiler. */
  readonly install: string;
}

export const X64: Target = {
  name: 'x64',
  triplet: 'x86_64-linux-musl',
  compiler: { command: 'gcc', variables: {} },
  flags: [],
  install: 'apt-get install gcc',
};

export const ARM64: Target = {
  name: 'arm64',
  triplet: 'aarch64-linux-musl',
  compiler: { command: 'aarch64-linux-gnu-gcc', variables: {} },
  // The functions out of line ask the C library of GNU what the machine can do.
  flags: ['-mno-outline-atomics'],
  install: 'apt-get install gcc-aarch64-linux-gnu',
};

const ASK_MS = 60_000;

export const compilerEnvironment = ({ variables }: Compiler): NodeJS.ProcessEnv => ({
  ...variables,
  PATH: process.env['PATH'],
  // Messages in one language; nothing of the machine's own settings in what is built.
  LC_ALL: 'C',
  SOURCE_DATE_EPOCH: '0',
});

/** What it answers to one question, or why it does not. */
export const askCompiler = async (
  compiler: Compiler,
  question: string,
): Promise<{ ok: true; answer: string } | { ok: false; reason: string }> => {
  const { ok, output } = await runCommand(compiler.command, [question], {
    env: compilerEnvironment(compiler),
    timeoutMs: ASK_MS,
  });
  if (ok) return { ok, answer: output.trim() };
  return { ok, reason: `${compiler.command} is not on the PATH` };
};

/** Its full version, or why there is none. */
export const findCompiler = async (
  compiler: Compiler,
): Promise<{ ok: true; version: string } | { ok: false; reason: string }> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const machine = `${process.platform} on ${process.arch}`;
    return { ok: false, reason: `it is built on Linux on x64, and this is ${machine}` };
  }
  const asked = await askCompiler(compiler, '-v');
  return asked.ok ? { ok: true, version: asked.answer } : asked;
};
