/** `npm run check`: types, lint, format and dead code. */

import { formatCheck, runChecks } from './checks/checks.ts';

const results = await runChecks((result) => console.log(formatCheck(result)));
const failed = results.filter(({ ok }) => !ok);
if (failed.length > 0) {
  console.error(`not in order: ${failed.map(({ name }) => name).join(', ')}`);
  if (failed.some(({ name }) => name === 'format')) console.error('`npm run format` formats.');
  process.exitCode = 1;
}
