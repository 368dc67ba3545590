/**
 * netdata of Debian, unpacked and not installed, with as little of it as still collects: what it
 * reads from /proc and of mounts each second, an hour of it in memory. No cloud, no alarms, no
 * machine learning, no plugin programs, no telemetry.
 * https://learn.netdata.cloud/docs/netdata-agent/configuration/daemon-configuration-reference
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Contender } from './contender.ts';

/** Charts are shown after the second round of collecting, some of them a few rounds later. */
const SETTLE_MS = 10_000;

const FOLDERS = ['config', 'cache', 'lib', 'log', 'web', 'plugins', 'home'] as const;

const OFF =
  'timex,checks,idlejitter,tc,cgroups,statsd,slabinfo,apps,charts.d,fping,go.d,node.d,python.d,' +
  'ioping,perf,netdata monitoring,netdata monitoring extended,enable running new plugins';

const configuration = (folder: string, port: number): string => {
  const sections: Record<string, readonly string[]> = {
    global: [
      `run as user = ${userInfo().username}`,
      'hostname = bench',
      // By itself it runs at nice 19, which would be measured as latency.
      'process scheduling policy = keep',
      'OOM score = keep',
    ],
    directories: [
      ...FOLDERS.map((name) => `${name} = ${join(folder, name)}`),
      `stock config = ${join(folder, 'config')}`,
      `registry = ${join(folder, 'lib')}`,
    ],
    db: ['mode = ram', 'retention = 3600'],
    web: ['bind to = 127.0.0.1', `default port = ${port}`, 'web server threads = 1'],
    plugins: OFF.split(',').map((name) => `${name} = no`),
    health: ['enabled = no'],
    ml: ['enabled = no'],
    statsd: ['enabled = no'],
    registry: ['enabled = no'],
  };
  return Object.entries(sections)
    .map(([name, lines]) => `[${name}]\n${lines.map((line) => `\t${line}\n`).join('')}`)
    .join('');
};

/** Each start gets a folder of its own, as it remembers charts of its last run. */
const prepare = (folder: string, port: number): string => {
  for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true });
  const optOut = join(folder, 'config', '.opt-out-from-anonymous-statistics');
  writeFileSync(optOut, '');
  for (const cloud of [join(folder, 'config', 'cloud.d'), join(folder, 'lib', 'cloud.d')]) {
    mkdirSync(cloud, { recursive: true });
    writeFileSync(join(cloud, 'cloud.conf'), '[global]\n\tenabled = no\n');
  }
  const path = join(folder, 'config', 'netdata.conf');
  writeFileSync(path, configuration(folder, port));
  return path;
};

export const makeNetdata = (version: string, path: string, folder: string): Contender => {
  let starts = 0;
  return {
    key: 'netdata',
    name: `netdata ${version}, reduced to what it reads itself`,
    command: (port) => {
      starts += 1;
      return [path, '-D', '-c', prepare(join(folder, `netdata-${starts}`), port)];
    },
    healthPath: '/api/v1/info',
    scrapePath: '/api/v1/allmetrics?format=prometheus',
    settleMs: SETTLE_MS,
    figures: 'all',
  };
};
