/**
 * `npm run bench`: what the product costs, measured beside what else does the job.
 *
 *   npm run bench -- [part…] [--runs N] [--quick] [--json FILE] [--write]
 *
 * A figure never makes it fail; something that does not work does. docs/bench.md has the method,
 * and the results after `--write`.
 */

import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { root } from '../../scripts/root.ts';
import { benchAgent } from './agent/part.ts';
import { parseArguments, type BenchOptions } from './arguments.ts';
import { benchGuests } from './guests/part.ts';
import { benchHost } from './host/part.ts';
import { benchLogs } from './logs/part.ts';
import type { Part } from './part.ts';
import { benchPressure } from './pressure/part.ts';
import { benchPull } from './pull/part.ts';
import { formatMachine, readLoadAverage, readMachine, type Machine } from './report/machine.ts';
import { replaceSection } from './report/section.ts';
import { benchRuns } from './runs/part.ts';
import { benchStore } from './store/part.ts';
import { benchUi } from './ui/part.ts';

/** Each has a section of its name in docs/bench.md. */
const parts: Readonly<Record<string, Part>> = {
  agent: benchAgent,
  guests: benchGuests,
  host: benchHost,
  logs: benchLogs,
  pressure: benchPressure,
  pull: benchPull,
  runs: benchRuns,
  store: benchStore,
  ui: benchUi,
};

const page = join(root, 'docs', 'bench.md');

/** Above this, something else takes a noticeable part of a core. */
const QUIET_LOAD = 0.5;

const signalCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Minutes of measuring must not end at a missing folder or section. */
const findObstacle = ({ parts: names, write, jsonPath }: BenchOptions): string | undefined => {
  if (jsonPath !== undefined) {
    try {
      accessSync(dirname(resolve(jsonPath)), constants.W_OK);
    } catch {
      return `cannot write ${jsonPath}: its folder is not there or not writable`;
    }
  }
  if (!write) return undefined;
  const text = readFileSync(page, 'utf8');
  return names
    .map((name) => replaceSection(text, name, ''))
    .flatMap((replaced) => (replaced.ok ? [] : [`docs/bench.md: ${replaced.reason}`]))[0];
};

const writeSection = (name: string, content: string): void => {
  const replaced = replaceSection(readFileSync(page, 'utf8'), name, content);
  if (!replaced.ok) throw new Error(`docs/bench.md: ${replaced.reason}`);
  writeFileSync(page, replaced.text);
};

interface Tools {
  readonly machine: Machine;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const runPart = async (name: string, options: BenchOptions, tools: Tools): Promise<unknown> => {
  const part = parts[name];
  if (part === undefined) throw new Error(`there is no part ${name}`);
  const { machine, folder, signal } = tools;
  const { runs, quick, write } = options;
  const before = readLoadAverage();
  say(`${name}:`);
  const result = await part({ runs, quick, folder, signal, progress: say });
  const load = { before, after: readLoadAverage() };
  const median = runs === 1 ? 'One run' : `Medians of ${runs} runs (least–most)`;
  const content = `${result.markdown}\n\n${median}. ${formatMachine(machine, load)}`;
  console.log(`\n## ${name}\n\n${content}\n`);
  if (write) writeSection(name, content);
  return { load, result: result.data };
};

const sentence = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** False where a part could not be measured; the others are, for they take an hour together. */
const bench = async (options: BenchOptions, signal: AbortSignal): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const machine = readMachine(new Date());
  const load = readLoadAverage();
  if (load > QUIET_LOAD) {
    say(`the load average is ${load.toFixed(2)}: something else is running, expect noise`);
  }
  const results: Record<string, unknown> = {};
  for (const name of options.parts) {
    try {
      results[name] = await runPart(name, options, { machine, folder, signal });
    } catch (error) {
      signal.throwIfAborted();
      say(`bench: ${name} was not measured: ${sentence(error)}`);
    }
  }
  const { jsonPath, quick, runs } = options;
  if (jsonPath !== undefined) {
    const document = { machine, quick, runs, parts: results };
    writeFileSync(jsonPath, `${JSON.stringify(document, undefined, 2)}\n`);
  }
  if (quick) console.log('A quick run, to see that it works: its figures are not to be quoted.');
  return options.parts.every((name) => name in results);
};

const main = async (): Promise<number> => {
  const parsed = parseArguments(process.argv.slice(2), Object.keys(parts));
  const obstacle = parsed.ok ? findObstacle(parsed.options) : parsed.reason;
  if (!parsed.ok || obstacle !== undefined) {
    say(`bench: ${obstacle}`);
    return 2;
  }
  const stop = new AbortController();
  let stopped: keyof typeof signalCodes | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // A second request means now; what ends with the process is ended even so.
      if (stopped !== undefined) process.exit(signalCodes[name]);
      stopped = name;
      stop.abort();
    });
  }
  try {
    return (await bench(parsed.options, stop.signal)) ? 0 : 1;
  } catch (error) {
    if (stopped !== undefined) {
      say(`bench: stopped by ${stopped}`);
      return signalCodes[stopped];
    }
    say(`bench: ${sentence(error)}`);
    return 1;
  }
};

process.exit(await main());
