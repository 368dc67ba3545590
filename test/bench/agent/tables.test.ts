import { describe, expect, test } from 'vitest';
import type { Key } from './contender.ts';
import type { AgentFigures, RunFigures } from './figures.ts';
import { makePlan } from './plan.ts';
import { formatAgentSection, type AgentResults } from './tables.ts';

const memory = (megabytes: number): NonNullable<RunFigures['memoryLater']> => ({
  residentBytes: megabytes * 1e6,
  privateBytes: megabytes * 4e5,
  proportionalBytes: megabytes * 5e5,
  anonymousBytes: megabytes * 2e5,
});

/** Every figure follows from one number, so that a wrong column shows. */
const makeRun = (size: number, whole: boolean): RunFigures => {
  const scraped = (cpuMsPerScrape: number): RunFigures['paced'] => ({
    scrapes: 60,
    cpuMsPerScrape,
    latencyP50Ms: size * 3,
    latencyP99Ms: size * 4,
    memory: memory(size * 5),
  });
  return {
    startMs: [size * 6, size * 7],
    coldStartMs: whole ? size * 12 : undefined,
    body: { series: 100, nodeSeries: 90, bytes: 12_000 },
    paced: scraped(size),
    hot: scraped(size * 2),
    idle: whole ? { memory: memory(size * 8), cpuMsPerSecond: size * 9 } : undefined,
    memoryLater: whole ? memory(size * 11) : undefined,
  };
};

const makeAgent = (key: Key, name: string, sizes: readonly number[]): AgentFigures => ({
  key,
  name,
  runs: sizes.map((size) => makeRun(size, !key.endsWith('-no-processes'))),
});

const results: AgentResults = {
  plan: makePlan(3, false),
  collectors: ['cpu', 'stat'],
  agents: [
    makeAgent('native', 'our native agent', [0.4, 0.4, 0.4]),
    makeAgent('ours', 'our agent', [1, 2, 3]),
    makeAgent('node-exporter-equal', 'node_exporter', [4, 4, 4]),
    makeAgent('ours-no-processes', 'ours without', [1]),
    makeAgent('node-exporter-no-processes', 'theirs without', [2]),
  ],
  absent: [
    { name: 'netdata', what: 'is not to be had on this machine', reason: 'apt-get says: no' },
  ],
  logs: {
    ok: true,
    entries: 20_000,
    agents: [
      {
        name: 'our native agent',
        runs: [
          { entriesPerSecond: 30_000, cpuMicrosecondsPerEntry: 30, memory: memory(5) },
          { entriesPerSecond: 20_000, cpuMicrosecondsPerEntry: 40, memory: memory(6) },
          { entriesPerSecond: 25_000, cpuMicrosecondsPerEntry: 35, memory: memory(7) },
        ],
      },
    ],
  },
  exec: [
    {
      name: 'our native agent',
      runs: [
        { p50Ms: 3, p99Ms: 9 },
        { p50Ms: 4, p99Ms: 8 },
        { p50Ms: 2, p99Ms: 7 },
      ],
    },
  ],
  files: [{ name: 'the bundle', bytes: 100_000, gzipBytes: 30_000 }],
};

const section = formatAgentSection(results);

describe('the section about agents', () => {
  test('has medians with extremes, in the columns that the head names', () => {
    expect(section).toContain(
      '| agent | CPU per scrape, 60 at 1/s | CPU per scrape, 2,000 in a row | latency at 1/s, p50 | p99 ' +
        '| latency in a row, p50 | p99 | CPU per second without scrapes |',
    );
    expect(section).toContain(
      '| our agent | 2.00 (1.00–3.00) | 4.00 (2.00–6.00) | 6.00 (3.00–9.00) | 8.00 (4.00–12.0) ' +
        '| 6.00 (3.00–9.00) | 8.00 (4.00–12.0) | 18.0 (9.00–27.0) |',
    );
    expect(section).toContain('| node_exporter | 32.0 | 20.0 | 20.0 | 44.0 |');
    expect(section).toContain('| our agent | 13.0 (6.00–21.0) | 6 | 24.0 (12.0–36.0) |');
    expect(section).toContain('| the bundle | 0.10 | 0.030 |');
    expect(section).toContain('| our native agent | 3.00 (2.00–4.00) | 8.00 (7.00–9.00) |');
    expect(section).toMatch(
      /\| our native agent \| 25,?000 \(20,?000–30,?000\) \| 35\.0 \(30\.0–40\.0\) \| 6\.00 \(5\.00–7\.00\) \|/u,
    );
  });

  test('compares run by run', () => {
    expect(section).toContain(
      '**On Node / node_exporter, the same collectors:** CPU at 1/s 0.50 (0.25–0.75), ' +
        'CPU in a row 0.50 (0.25–0.75), resident after 2,000 in a row 0.50 (0.25–0.75).',
    );
    expect(section).toContain(
      '**Native / node_exporter, the same collectors:** CPU at 1/s 0.10, ' +
        'CPU in a row 0.10, resident after 2,000 in a row 0.10.',
    );
    expect(section).toContain('without `processes`:** CPU at 1/s 0.50, CPU in a row 0.50.');
  });

  test('says in words what is not there, and compares with nothing then', () => {
    expect(section).toContain('Not measured: netdata is not to be had on this machine.');
    expect(section).not.toContain('apt-get');
    const logs = { ok: false, reason: 'apt-get says: no' } as const;
    expect(formatAgentSection({ ...results, logs })).toContain('systemd-journal-remote is not');
    const alone = formatAgentSection({ ...results, agents: results.agents.slice(0, 2) });
    expect(alone).not.toContain(' / node_exporter, ');
  });
});
