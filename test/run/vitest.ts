/** Runs Vitest in a process group of its own and reads what its reporter wrote. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.ts';
import { endGroup, signalGroup } from './process-group.ts';
import type { Report } from './report.ts';
import { reportSchema, reportVariable } from './report.ts';

/** What a process that a test has stopped may take to be gone. */
const graceMs = 1_000;

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Ended {
  /** Undefined where all went well, otherwise a sentence. */
  problem: string | undefined;
  leftProcesses: readonly string[];
}

export interface RunOptions {
  readonly timeoutMs: number;
  /** Put before the command, such as `unshare --net`; it must become it. */
  readonly launcher?: readonly string[];
}

async function run(
  args: readonly string[],
  reportPath: string,
  { timeoutMs, launcher = [] }: RunOptions,
): Promise<Ended> {
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(root, 'test/run/reporter.ts')}`];
  const command = [...launcher, process.execPath, program, 'run', ...reporters, ...args];
  const [file = '', ...rest] = command;
  const child = spawn(file, rest, {
    cwd: root,
    // Ctrl-C then reaches only this process, which passes it on once.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_ENV: 'test', TZ: 'UTC', [reportVariable]: reportPath },
  });
  const leader = child.pid;
  if (leader === undefined) return { problem: 'vitest could not be started', leftProcesses: [] };

  let interruption: string | undefined;
  const interrupt = (signal: NodeJS.Signals): void => {
    interruption = `the tests were stopped by ${signal}`;
    signalGroup(leader, signal);
  };
  for (const signal of stopSignals) process.on(signal, interrupt);
  const tooLong = setTimeout(() => {
    interruption = `the tests took longer than ${timeoutMs / 60_000} minutes`;
    signalGroup(leader, 'SIGKILL');
  }, timeoutMs);

  const ended = await new Promise<string>((settle) => {
    child.once('close', (code, signal) => settle(signal ?? `exit code ${code}`));
  });
  clearTimeout(tooLong);
  const leftProcesses = await endGroup(leader, graceMs);
  for (const signal of stopSignals) process.off(signal, interrupt);

  // What an interrupted test has not stopped is nobody's fault.
  if (interruption !== undefined) return { problem: interruption, leftProcesses: [] };
  const problem = ended === 'exit code 0' ? undefined : `vitest ended with ${ended}`;
  return { problem, leftProcesses };
}

function readReport(path: string): Report | undefined {
  try {
    return reportSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A crash, a signal or an exit code that nothing explains counts as one failure more. */
export async function runVitest(args: readonly string[], options: RunOptions): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-test-'));
  const reportPath = join(folder, 'report.json');
  try {
    const { problem, leftProcesses } = await run(args, reportPath, options);
    const report = readReport(reportPath);
    const problems = leftProcesses.map((command) => `a test has left this running: ${command}`);
    if (report === undefined) problems.push(problem ?? 'vitest ended without a report');
    else if (report.failed === 0 && problem !== undefined) problems.push(problem);
    return {
      passed: report?.passed ?? 0,
      failed: (report?.failed ?? 0) + problems.length,
      secondAttempts: report?.secondAttempts ?? [],
      skipped: report?.skipped ?? [],
      problems: [...(report?.problems ?? []), ...problems],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
