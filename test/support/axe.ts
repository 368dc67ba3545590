/** What axe finds wrong with a page for those who do not see it, or not well, or use no mouse. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const require = createRequire(import.meta.url);
/** As text: it runs in the page, and its types are the browser's. */
const SOURCE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const resultSchema = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      help: z.string(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
    }),
  ),
});

const MAX_SHOWN = 3;

/** One line for each rule that is broken, with the first places. */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  // By the debugger, so that the page's content security policy stays as it is.
  await page.evaluate(SOURCE);
  const { violations } = resultSchema.parse(
    await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`),
  );
  return violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, MAX_SHOWN).map(({ html, failureSummary }) => {
      return `${html.slice(0, 200)} (${failureSummary ?? ''})`;
    });
    return `${id}: ${help}: ${places.join(' | ')}`;
  });
};
