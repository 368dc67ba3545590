/**
 * What tests want from the machine beyond the repository. `npm test` fetches all of it before the
 * tests, which then find it in the cache: a download may take longer than a test may.
 */

import { debianBinary } from './debian-package.ts';
import { nodeBinary } from './node-version.ts';
import type { Obtained } from './obtained.ts';

/** The oldest Node that the agent's bundle must run on. */
export async function oldestGuestNode(): Promise<Obtained> {
  return await nodeBinary(18);
}

export const needs: readonly (() => Promise<Obtained>)[] = [
  async () =>
    await debianBinary({
      package: 'prometheus-node-exporter',
      path: 'usr/bin/prometheus-node-exporter',
      alsoNamed: ['node_exporter'],
    }),
  async () => await debianBinary({ package: 'prometheus', path: 'usr/bin/promtool' }),
  oldestGuestNode,
  async () => await nodeBinary(20),
  async () => await nodeBinary(22),
  async () => await nodeBinary(24),
];
