/** The end of `npm test`: what could not run, what else went wrong, and one line of totals. */

import type { Report } from './report.ts';

function countByReason(reasons: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

export function formatSummary({
  passed,
  failed,
  secondAttempts,
  skipped,
  problems,
}: Report): string {
  const lines: string[] = [''];
  if (skipped.length > 0) {
    lines.push('Not run, because this machine lacks something:');
    for (const [reason, count] of countByReason(skipped)) {
      lines.push(`  ${count} ${count === 1 ? 'test' : 'tests'}: ${reason}`);
    }
    lines.push('');
  }
  if (secondAttempts.length > 0) {
    lines.push('Passed only at the second attempt, so they depend on timing:');
    lines.push(...secondAttempts.map((name) => `  ${name}`), '');
  }
  if (problems.length > 0) {
    lines.push('Failed, besides what is shown above:', ...problems.map((line) => `  ${line}`), '');
  }
  const totals = [`${passed} passed`, `${failed} failed`];
  if (skipped.length > 0) totals.push(`${skipped.length} skipped`);
  lines.push(totals.join(', '));
  return lines.join('\n');
}

export function isGood({ passed, failed }: Report): boolean {
  return failed === 0 && passed > 0;
}
