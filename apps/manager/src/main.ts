/** The program: settings in, exit code out; the only place that touches `process` as a whole. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runManager } from './compose.ts';
import { helpText } from './config/help.ts';
import { loadSettings } from './config/load.ts';
import { makeLog } from './make-log.ts';
import { describeSystem } from './postgres/system.ts';

declare const __VERSION__: string;

/** sysexits(3): something was found in an unconfigured or misconfigured state. */
const EXIT_CONFIG = 78;
const EXIT_FAILURE = 1;
const EXIT_INTERRUPTED = 130;
/** What did not stop in time, such as a Postgres that hangs, is not waited for any longer. */
const LINGER_MS = 250;

const stopSignal = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (stopSignal.signal.aborted) process.exit(EXIT_INTERRUPTED); // A second signal means now.
    stopSignal.abort();
  });
}

const main = async (): Promise<number> => {
  const loaded = loadSettings(process.argv.slice(2), process.env);
  if (!loaded.ok) {
    process.stderr.write(`innkeeper: ${loaded.problem}\n`);
    return EXIT_CONFIG;
  }
  if (loaded.wants !== 'run') {
    const text = loaded.wants === 'help' ? helpText(__VERSION__) : `innkeeper ${__VERSION__}\n`;
    process.stdout.write(text);
    return 0;
  }
  const { settings } = loaded;
  // Of the bundle: migrations, pages and what guests download are built beside it.
  const here = dirname(fileURLToPath(import.meta.url));
  const log = makeLog({
    level: settings.logLevel,
    format: settings.logFormat,
    isTerminal: process.stderr.isTTY,
  });
  const outcome = await runManager({
    settings,
    log,
    version: __VERSION__,
    stop: stopSignal.signal,
    migrations: join(here, 'migrations'),
    deployment: join(here, 'deployment'),
    pages: join(here, '../../ui/dist'),
    system: describeSystem(process),
    nodePath: process.execPath,
    environment: process.env,
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    random: () => Math.random(),
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    say: (text) => process.stdout.write(text),
  });
  log.flush();
  if (outcome.ok) return 0;
  process.stderr.write(`innkeeper: ${outcome.problem}\n`);
  return outcome.isConfiguration ? EXIT_CONFIG : EXIT_FAILURE;
};

process.exitCode = await main();
setTimeout(() => process.exit(), LINGER_MS).unref();
