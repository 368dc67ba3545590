/** Runs a program to its end, as another user where that is asked, and keeps what it said. */
import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** One that the user below may enter: what is inherited may be under /root. */
  readonly cwd: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly timeoutMs: number;
  /** Ends it before its time. */
  readonly signal?: AbortSignal | undefined;
}

export type Ran =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly code: string | number | undefined; readonly problem: string };

const MAX_OUTPUT_BYTES = 1_000_000;
const MAX_PROBLEM_CHARS = 1_000;

export const runProgram = async (options: RunOptions): Promise<Ran> =>
  new Promise((resolve) => {
    const { file, args, env, cwd, user, timeoutMs, signal } = options;
    const settings = {
      env,
      cwd,
      ...(user !== undefined && { uid: user.uid, gid: user.gid }),
      ...(signal !== undefined && { signal }),
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
    } as const;
    execFile(file, args, settings, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ ok: true, output: stdout });
        return;
      }
      const said = stderr.trim() === '' ? stdout.trim() : stderr.trim();
      const why = error.killed === true ? `it took longer than ${timeoutMs} ms` : error.message;
      const problem = (said === '' ? why : said).slice(-MAX_PROBLEM_CHARS);
      resolve({ ok: false, code: error.code ?? undefined, problem });
    });
  });
