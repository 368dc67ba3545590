/**
 * What is checked without running the product: types, lint, format and dead code.
 * `npm run check` prints the results, `npm test` counts each as one test.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import { runCommand } from '../run-command.ts';

interface Check {
  name: string;
  tool: string;
  args: readonly string[];
}

export interface CheckResult {
  name: string;
  ok: boolean;
  /** All that the tool printed. */
  output: string;
  seconds: number;
}

/** The slowest tool takes seconds; minutes mean that it hangs. */
const timeoutMs = 5 * 60_000;

/** The tools use several threads each, so more at a time would only be slower. */
const atOnce = 2;

/** Runs in a browser, like the pages. */
const PAGE_OF_BENCH = 'test/bench/ui/page';

/** Parts with a tsconfig.json of their own: what they may use is narrower than what tests may. */
function listParts(): string[] {
  const parts = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((part) => `${group}/${part}`)
      .filter((part) => existsSync(join(root, part, 'tsconfig.json')))
      .toSorted(),
  );
  return [...parts, PAGE_OF_BENCH];
}

function listChecks(): Check[] {
  return [
    { name: 'lint', tool: 'oxlint', args: [] },
    { name: 'types: everything', tool: 'tsc', args: ['--project', '.', '--pretty', 'false'] },
    ...listParts().map((part) => ({
      name: `types: ${part}`,
      tool: 'tsc',
      args: ['--project', part, '--pretty', 'false'],
    })),
    { name: 'dead code', tool: 'knip', args: ['--no-progress'] },
    { name: 'format', tool: 'oxfmt', args: ['--check'] },
  ];
}

/**
 * @param onResult is called as soon as a check has ended, in the order of ending
 * @returns the results in the order of the list
 */
export async function runChecks(
  onResult: (result: CheckResult) => void = () => {},
): Promise<CheckResult[]> {
  const checks = listChecks();
  const results: CheckResult[] = [];
  const waiting = checks.entries();

  async function work(): Promise<void> {
    for (const [index, { name, tool, args }] of waiting) {
      const path = join(root, 'node_modules', '.bin', tool);
      const { ok, output, seconds } = await runCommand(path, args, { cwd: root, timeoutMs });
      const result = { name, ok, output, seconds };
      results[index] = result;
      onResult(result);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

/** One line, and all that the tool said if it was not content. */
export function formatCheck({ name, ok, output, seconds }: CheckResult): string {
  const line = `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(26)} ${seconds.toFixed(1).padStart(5)} s`;
  return ok ? line : `${line}\n${output.trimEnd().replaceAll(/^/gmu, '      ')}\n`;
}
