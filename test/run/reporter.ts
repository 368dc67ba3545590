/**
 * Counts for `npm test`. Vitest prints as ever; this runs beside its own reporter and writes the
 * totals to a file when the run has ended. Without the file the runner knows that Vitest crashed.
 */

import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node';
import type { Report } from './report.ts';
import { reportVariable } from './report.ts';

/** With `-t` most tests are left out on purpose, and have no reason to give. */
function isFiltered(test: TestCase): boolean {
  const pattern = test.project.globalConfig.testNamePattern;
  return pattern !== undefined && !pattern.test(test.fullName);
}

/** Where a beforeAll has thrown, that is the failure and not each test that it has kept from running. */
function isInFailedPart(test: TestCase): boolean {
  for (let part = test.parent; ; part = part.parent) {
    if (part.errors().length > 0) return true;
    if (part.type === 'module') return false;
  }
}

function countTest(test: TestCase, report: Report): void {
  const result = test.result();
  switch (result.state) {
    case 'passed':
      report.passed += 1;
      if (test.diagnostic()?.flaky === true) report.secondAttempts.push(test.fullName);
      return;
    case 'failed':
      report.failed += 1;
      return;
    case 'pending':
      report.failed += 1;
      report.problems.push(`it never ended: ${test.fullName}`);
      return;
    case 'skipped':
      if (result.note !== undefined) {
        report.skipped.push(result.note);
      } else if (!isFiltered(test) && !isInFailedPart(test)) {
        report.failed += 1;
        report.problems.push(
          `it was skipped without a reason (ctx.skip(reason)): ${test.fullName}`,
        );
      }
      return;
    default:
      throw new Error(`unknown state of a test: ${JSON.stringify(result satisfies never)}`);
  }
}

function countModule(module: TestModule, report: Report): void {
  for (const test of module.children.allTests()) countTest(test, report);
  // A file that cannot be loaded, or a beforeAll that throws, is no test and yet a failure.
  const suites = [...module.children.allSuites()];
  report.failed += [module, ...suites].filter((part) => part.errors().length > 0).length;
}

/** Vitest makes an instance of the default export. */
export default class CountingReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const path = process.env[reportVariable];
    if (path === undefined) return;
    const report: Report = {
      passed: 0,
      failed: unhandledErrors.length,
      secondAttempts: [],
      skipped: [],
      problems: unhandledErrors.map(({ message }) => `an error that nothing handled: ${message}`),
    };
    for (const module of modules) countModule(module, report);
    if (reason === 'interrupted') {
      report.failed += 1;
      report.problems.push('the tests were interrupted');
    }
    writeFileSync(path, JSON.stringify(report));
  }
}
