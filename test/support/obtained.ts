/** Something that a test wants from the machine, or the sentence about why it is not there. */

export type Obtained =
  | { ok: true; path: string; version: string }
  | {
      ok: false;
      /** "no network: …" */
      reason: string;
      /** What a person can type to have it, or do. */
      install: string;
    };

/** The part of Vitest's test context that is used here. */
interface Skippable {
  skip: (note?: string) => never;
}

/**
 * What was obtained; where it is missing the test is skipped with a note. `npm test` lists these
 * notes and counts the tests as skipped: they say nothing about the product.
 *
 * ```ts
 * test('reports the same disks as node_exporter', async (ctx) => {
 *   const exporter = orSkip(ctx, 'node_exporter', await nodeExporter());
 * ```
 */
export function orSkip(
  ctx: Skippable,
  what: string,
  obtained: Obtained,
): Extract<Obtained, { ok: true }> {
  if (obtained.ok) return obtained;
  return ctx.skip(`${what}: ${obtained.reason}. To have it: ${obtained.install}`);
}
