/** node_exporter of Debian, in three configurations. */

import { UPSTREAM_DEFAULTS } from '../../support/node-exporter.ts';
import type { Contender, Key } from './contender.ts';

const SETTLE_MS = 1_000;

interface Configuration {
  readonly key: Key;
  readonly name: string;
  readonly path: string;
  readonly flags: readonly string[];
  readonly figures: Contender['figures'];
}

const makeContender = ({ key, name, path, flags, figures }: Configuration): Contender => ({
  key,
  name,
  command: (port) => [path, `--web.listen-address=127.0.0.1:${port}`, ...flags],
  healthPath: '/',
  scrapePath: '/metrics',
  settleMs: SETTLE_MS,
  figures,
});

/** These collectors and no others, on the devices and mount points of the authors' defaults. */
const only = (collectors: readonly string[]): string[] => [
  '--collector.disable-defaults',
  ...collectors.map((name) => `--collector.${name}`),
  ...UPSTREAM_DEFAULTS,
];

/**
 * @param copyOf makes a copy of the program for one contender
 * @param collectors those of our agent
 */
export const makeNodeExporters = (
  version: string,
  copyOf: (key: Key) => string,
  collectors: readonly string[],
): Contender[] => [
  makeContender({
    key: 'node-exporter-equal',
    name: `node_exporter ${version}, the same ${collectors.length} collectors`,
    path: copyOf('node-exporter-equal'),
    flags: only(collectors),
    figures: 'all',
  }),
  makeContender({
    key: 'node-exporter-default',
    name: `node_exporter ${version}, as it comes`,
    path: copyOf('node-exporter-default'),
    flags: [],
    figures: 'all',
  }),
  makeContender({
    key: 'node-exporter-no-processes',
    name: `node_exporter ${version}, the same without processes`,
    path: copyOf('node-exporter-no-processes'),
    flags: only(collectors.filter((name) => name !== 'processes')),
    figures: 'scrapes',
  }),
];
