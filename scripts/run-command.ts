/** Runs a program to its end and keeps what it prints. */

import { spawn } from 'node:child_process';

export interface CommandResult {
  /** It was found, ended by itself, and with exit code 0. */
  ok: boolean;
  /** Undefined where it could not be started or was killed. */
  code: number | undefined;
  /** Standard output and error in the order in which they came. */
  output: string;
  seconds: number;
}

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** It is killed then, and the output says so. */
  timeoutMs: number;
}

export async function runCommand(
  file: string,
  args: readonly string[],
  { timeoutMs, ...options }: CommandOptions,
): Promise<CommandResult> {
  const startedAt = performance.now();
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const tooLong = setTimeout(() => {
    output += `\n${file} took longer than ${timeoutMs / 1000} s and was stopped.\n`;
    child.kill('SIGKILL');
  }, timeoutMs);

  const code = await new Promise<number | undefined>((settle) => {
    child.once('error', (error) => {
      output += `${file} could not be started: ${error.message}\n`;
      settle(undefined);
    });
    child.once('close', (exitCode) => settle(exitCode ?? undefined));
  });
  clearTimeout(tooLong);
  return { ok: code === 0, code, output, seconds: (performance.now() - startedAt) / 1000 };
}
