/**
 * `npm test`: types, lint, format and dead code, then the build, then every test, and at last the
 * short part of those in a real guest.
 *
 * The last line is `N passed, N failed`, and `, N skipped` where the machine lacks something that
 * the lines above name. Arguments go to Vitest: `npm test -- -u` updates the golden files,
 * `npm test -- loadavg` runs only the files with that in their path, without the checks.
 *
 * `npm run test:long` is the same for what takes minutes and hours: the files of `test/long`, and
 * those that fuzz. CONTRIBUTING.md names its parts.
 */

import { formatCheck, runChecks } from '../scripts/checks/checks.ts';
import { buildAgent, buildManager } from '../scripts/build/bundle.ts';
import { buildNative } from '../scripts/build/native.ts';
import { buildPages } from '../scripts/build/pages.ts';
import type { Report } from './run/report.ts';
import { formatSummary, isGood } from './run/summary.ts';
import { runVitest } from './run/vitest.ts';
import { needs } from './support/needs.ts';
import { prepareGuests, type Prepared } from './vm/prepare.ts';
import { runGuestTests, SHORT } from './vm/run-guests.ts';

const nothing: Report = {
  passed: 0,
  failed: 0,
  secondAttempts: [],
  skipped: [],
  problems: [],
};

function add(first: Report, second: Report): Report {
  return {
    passed: first.passed + second.passed,
    failed: first.failed + second.failed,
    secondAttempts: [...first.secondAttempts, ...second.secondAttempts],
    skipped: [...first.skipped, ...second.skipped],
    problems: [...first.problems, ...second.problems],
  };
}

async function check(): Promise<Report> {
  const results = await runChecks((result) => console.log(formatCheck(result)));
  const failed = results.filter(({ ok }) => !ok);
  return {
    ...nothing,
    passed: results.length - failed.length,
    failed: failed.length,
    problems: failed.map(({ name }) => `npm run check: ${name}`),
  };
}

/** Tests in test/ run what is shipped, not the sources. */
async function build(): Promise<Report> {
  try {
    await buildAgent();
    // Where it cannot be built, a test of its own says why.
    await buildNative();
    await buildManager();
    await buildPages();
    return { ...nothing, passed: 1 };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...nothing, failed: 1, problems: [`npm run build: ${message}`] };
  }
}

/** Here because it may take longer than a test may. Whatever fails is reported by the tests. */
async function fetchNeeds(): Promise<void> {
  await Promise.all(needs.map(async (obtain) => await obtain()));
}

/** A guest takes a minute or two; what it boots from is built beside the checks. */
async function prepareShortGuest(): Promise<Prepared> {
  if (process.env['INNKEEPER_TEST_VM'] === '0') {
    return { ok: false, reason: 'INNKEEPER_TEST_VM is 0' };
  }
  return await prepareGuests(['systemd'], GUEST_IMAGE_MS);
}

async function testInGuest(prepared: Prepared): Promise<Report> {
  if (prepared.ok) return await runGuestTests(SHORT, { timeoutMs: GUEST_MS });
  const reason = `a real guest in QEMU: ${prepared.reason}. All of it: npm run test:vm, as root on Debian`;
  return { ...nothing, skipped: [reason] };
}

/** All tests take a few minutes. Only a loop without end in a test gets there. */
const ALL_MS = 20 * 60_000;
const LONG_MS = 12 * 3600_000;
const GUEST_IMAGE_MS = 4 * 60_000;
const GUEST_MS = 20 * 60_000;
const LONG = '--long';
const LONG_FILES = ['test/long/', 'test/integration/fuzz'];

const given = process.argv.slice(2);
const isLong = given.includes(LONG);
const own = given.filter((arg) => arg !== LONG);
const isNamed = own.some((arg) => !arg.startsWith('-'));
const args = isLong && !isNamed ? [...LONG_FILES, ...own] : own;
const isPartial = isLong || isNamed || args.some((arg) => /^(?:-t|--testNamePattern)/u.test(arg));

let report = nothing;
let guest: Prepared | undefined;
if (!isPartial) {
  // One after the other, where both want packages.
  const prepare = async (): Promise<Prepared> => {
    await fetchNeeds();
    return await prepareShortGuest();
  };
  const [checked, prepared] = await Promise.all([check(), prepare()]);
  report = add(report, checked);
  guest = prepared;
}
const built = await build();
if (!isPartial || built.failed > 0) report = add(report, built);
report = add(report, await runVitest(args, { timeoutMs: isLong ? LONG_MS : ALL_MS }));
if (guest !== undefined) report = add(report, await testInGuest(guest));

console.log(formatSummary(report));
process.exitCode = isGood(report) ? 0 : 1;
