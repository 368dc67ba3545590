/** The agent beside the real node_exporter: whatever the two share must be the same. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';
import {
  parseExposition,
  type ExposedFamily,
  type ExposedSample,
} from '../support/exposition-text.ts';
import { ask, type HttpAddress } from '../support/http-client.ts';
import { obtainNodeExporter, startNodeExporter } from '../support/node-exporter.ts';
import { orSkip, type Obtained } from '../support/obtained.ts';
import type { Service } from '../support/service-process.ts';
import {
  ADDED_FAMILIES,
  DIFFERENT_VALUES,
  MISSING_COLLECTORS,
  MISSING_FAMILIES,
  MISSING_LABELS,
  type Difference,
} from './node-exporter/differences.ts';
import { FAMILIES, matches, rowOf } from './node-exporter/families.ts';
import { makeMarkdown } from './node-exporter/markdown.ts';

type Families = ReadonlyMap<string, ExposedFamily>;

/** node_exporter between two readings of the agent. */
interface Round {
  readonly before: Families;
  readonly theirs: Families;
  readonly after: Families;
}

const FETCH_MS = 5 * 60_000;
/** Enough that a moment in which something else happens on the machine does not count. */
const ROUNDS = 5;

const scrape = async (address: HttpAddress, query = ''): Promise<Families> => {
  const reply = await ask(address, `/metrics${query}`);
  if (reply.status !== 200) throw new Error(`/metrics${query} answered ${reply.status}`);
  return parseExposition(reply.text);
};

const isShared = (name: string): boolean => /^(?:node|process)_/u.test(name);

const isExplained = (differences: readonly Difference[], name: string): boolean =>
  differences.some(({ names }) => names.some((pattern) => matches(pattern, name)));

/** Mount points with something else mounted over them, of which the agent shows the top only. */
const coveredMountPoints = (): ReadonlySet<string> => {
  const points = readFileSync('/proc/1/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return new Set(points.filter((point, index) => points.indexOf(point) !== index));
};

/** Series as text, without the labels that the agent is known not to have. */
const seriesOf = (family: ExposedFamily | undefined): ReadonlyMap<string, number> => {
  const covered = coveredMountPoints();
  const isKnown = (name: string, label: string): boolean =>
    MISSING_LABELS.some((known) => known.label === label && isExplained([known], name));
  const textOf = ({ name, labels }: ExposedSample): string => {
    const pairs = Object.entries(labels)
      .filter(([label]) => !isKnown(name, label))
      .sort(([left], [right]) => (left < right ? -1 : 1));
    return `${name}${JSON.stringify(Object.fromEntries(pairs))}`;
  };
  return new Map(
    (family?.samples ?? [])
      .filter(({ labels }) => !covered.has(labels['mountpoint'] ?? ''))
      .map((sample) => [textOf(sample), sample.value]),
  );
};

/** What is wrong with one value of theirs, given the two of ours around it. */
const disagreement = (name: string, before: number, theirs: number, after: number): string => {
  const rule = rowOf(name)?.value ?? { kind: 'constant' };
  if (rule.kind === 'own') return '';
  if (rule.kind === 'counter' && before > after) {
    return `the agent's own counter fell from ${before} to ${after}`;
  }
  const slack = rule.kind === 'constant' ? 0 : (rule.slack ?? 0);
  const [low, high] =
    rule.kind === 'counter' ? [before, after] : [before, after].sort((a, b) => a - b);
  // The two programs print the same double in their own ways.
  const rounding = Math.abs(theirs) * 1e-12;
  const isWithin =
    theirs >= (low ?? before) - slack - rounding && theirs <= (high ?? after) + slack + rounding;
  return isWithin ? '' : `${theirs} is not between ${before} and ${after}, give or take ${slack}`;
};

const disagreements = ({ before, theirs, after }: Round): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const name of before.keys()) {
    const [first, middle, last] = [before, theirs, after].map((one) => seriesOf(one.get(name)));
    for (const [series, value] of first ?? []) {
      const their = middle?.get(series);
      const later = last?.get(series);
      if (their === undefined || later === undefined) continue;
      const problem = disagreement(name, value, their, later);
      const isKnown = DIFFERENT_VALUES.some(
        (known) => isExplained([known], name) && series === `${name}${known.series}`,
      );
      if (problem !== '' && !isKnown) found.set(series, problem);
    }
  }
  return found;
};

describe.each(AGENT_BUILDS)('$name beside node_exporter', (build) => {
  let obtained: Obtained;
  let exporter: (Service & { readonly address: HttpAddress }) | undefined;
  let agent: AgentProcess | undefined;
  let theirAddress: HttpAddress;
  let ourAddress: HttpAddress;
  const rounds: Round[] = [];

  beforeAll(async () => {
    obtained = await obtainNodeExporter();
    if (!obtained.ok) return;
    exporter = await startNodeExporter(obtained.path);
    theirAddress = exporter.address;
    agent = await startAgent({ build });
    ourAddress = agent.address;
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await scrape(ourAddress);
      const theirs = await scrape(theirAddress);
      rounds.push({ before, theirs, after: await scrape(ourAddress) });
    }
  }, FETCH_MS);
  afterAll(async () => {
    await Promise.all([exporter?.stop(), agent?.stop()]);
  });
  beforeEach((context) => {
    orSkip(context, 'node_exporter', obtained);
  });

  const firstRound = (): Round => {
    const [round] = rounds;
    if (round === undefined) throw new Error('nothing was scraped');
    return round;
  };
  const ourShared = (): readonly ExposedFamily[] =>
    [...firstRound().before.values()].filter(({ name }) => isShared(name));

  test('the table has a row for every family of the agent, and no row for nothing', () => {
    const names = ourShared().map(({ name }) => name);
    expect(names.filter((name) => rowOf(name) === undefined)).toStrictEqual([]);
    const unused = FAMILIES.filter(
      (row) => row.onlyWith === undefined && !names.some((name) => rowOf(name) === row),
    );
    expect(unused).toStrictEqual([]);
  });

  test('every family of the agent is one of node_exporter, under the same collector', async () => {
    const collectors = new Set(FAMILIES.flatMap(({ collector }) => collector ?? []));
    for (const collector of collectors) {
      const query = `?collect[]=${collector}`;
      const theirs = await scrape(theirAddress, query);
      const filed = [...(await scrape(ourAddress, query)).keys()].filter(
        (name) => isShared(name) && rowOf(name)?.collector !== undefined,
      );
      for (const name of filed) expect(rowOf(name)?.collector, name).toBe(collector);
      const added = filed.filter((name) => !theirs.has(name));
      expect(added.filter((name) => !isExplained(ADDED_FAMILIES, name))).toStrictEqual([]);
      const lacking = [...theirs.keys()].filter(
        (name) => isShared(name) && !firstRound().before.has(name),
      );
      expect(lacking.filter((name) => !isExplained(MISSING_FAMILIES, name))).toStrictEqual([]);
    }
  });

  test('all collectors of the agent have a row in the table', () => {
    const series = firstRound().before.get('node_scrape_collector_success')?.samples ?? [];
    const names = series.map(({ labels }) => labels['collector']);
    expect(new Set(names)).toStrictEqual(
      new Set(FAMILIES.flatMap(({ collector }) => collector ?? [])),
    );
  });

  test('each collector that the agent lacks is explained', () => {
    const collectorsOf = (families: Families): string[] =>
      (families.get('node_scrape_collector_success')?.samples ?? []).map(
        ({ labels }) => labels['collector'] ?? '',
      );
    const ours = collectorsOf(firstRound().before);
    const theirs = collectorsOf(firstRound().theirs);
    expect(ours.filter((name) => !theirs.includes(name))).toStrictEqual([]);
    const lacking = theirs.filter((name) => !ours.includes(name));
    expect(lacking).not.toStrictEqual([]);
    expect(lacking.filter((name) => !isExplained(MISSING_COLLECTORS, name))).toStrictEqual([]);
    const both = MISSING_COLLECTORS.flatMap(({ names }) => names).filter((name) =>
      ours.includes(name),
    );
    expect(both).toStrictEqual([]);
  });

  test('types are the same', () => {
    const typesOf = (families: Families, names: readonly string[]): Record<string, unknown> =>
      Object.fromEntries(names.map((name) => [name, families.get(name)?.type]));
    const { before, theirs } = firstRound();
    const shared = ourShared()
      .map(({ name }) => name)
      .filter((name) => theirs.has(name));
    expect(shared.length).toBeGreaterThan(150);
    expect(typesOf(before, shared)).toStrictEqual(typesOf(theirs, shared));
  });

  test('labels are the same', () => {
    const { before, theirs } = firstRound();
    for (const family of ourShared()) {
      const { name } = family;
      const their = theirs.get(name);
      if (their === undefined) continue;
      const ours = [...seriesOf(before.get(name)).keys()].sort();
      const others = [...seriesOf(their).keys()].sort();
      if (rowOf(name)?.fleeting === undefined) expect(ours, name).toStrictEqual(others);
      const labelNames = (one: ExposedFamily): string[] =>
        Object.keys(one.samples[0]?.labels ?? {}).filter(
          (label) =>
            !MISSING_LABELS.some((known) => known.label === label && isExplained([known], name)),
        );
      expect(labelNames(family).sort(), name).toStrictEqual(labelNames(their).sort());
    }
  });

  test('counters of node_exporter lie between two readings of the agent, each time', () => {
    for (const round of rounds) {
      const wrong = [...disagreements(round)].filter(
        ([series]) => rowOf(series.split('{')[0] ?? '')?.value.kind === 'counter',
      );
      expect(wrong).toStrictEqual([]);
    }
  });

  test('every other value agrees within what the table says, most of the time', () => {
    const all = rounds.map(disagreements);
    const always = [...(all[0] ?? [])].filter(([series]) => all.every((one) => one.has(series)));
    expect(always).toStrictEqual([]);
  });
});

test('docs/node-exporter.md says what is compared and what differs', async () => {
  await expect(makeMarkdown()).toMatchFileSnapshot('../../docs/node-exporter.md');
});
