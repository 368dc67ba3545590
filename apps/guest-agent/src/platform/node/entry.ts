/** Where the agent starts on Node. */
import { realpathSync } from 'node:fs';
import { main } from '../../main.ts';
import { callsUnderWay } from './files.ts';
import { nodePlatform } from './platform.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * exit(3) waits for libuv's threads, and one that asks a dead server for its space never comes back.
 * A signal waits for nobody, and init systems count the end by SIGTERM as a clean one.
 */
const exit = (code: number): never => {
  if (callsUnderWay() > 0) {
    for (const name of SIGNALS) process.removeAllListeners(name);
    process.kill(process.pid, 'SIGTERM');
  }
  return process.exit(code);
};

/** A signal to a process group can arrive twice: from the group's sender, and passed on by a parent. */
const SAME_REQUEST_MS = 100;

const ended = new Promise<string>((resolve) => {
  let askedAtMs: number | undefined;
  for (const name of SIGNALS) {
    // The listener stays for good: without one, even for a moment, the signal ends the process.
    process.on(name, () => {
      const now = performance.now();
      if (askedAtMs === undefined) {
        askedAtMs = now;
        resolve(name);
      } else if (now - askedAtMs > SAME_REQUEST_MS) {
        exit(130); // A second signal means now.
      }
    });
  }
});

// A listener that is gone (a closed terminal) is no reason for the agent to go as well.
process.stderr.on('error', () => undefined);

/** The bundle; symbolic links lead to what is to be replaced. */
const programFile = (): string | undefined => {
  try {
    return process.argv[1] === undefined ? undefined : realpathSync(process.argv[1]);
  } catch {
    return undefined;
  }
};

const exitCode = await main({
  platform: nodePlatform,
  build: 'node',
  own: {
    artefact: 'guest-agent.mjs',
    file: programFile(),
    starter: [process.execPath, ...process.execArgv],
  },
  args: process.argv.slice(2),
  variables: process.env,
  writeOut: (text) => {
    process.stdout.write(text);
  },
  writeError: (text) => {
    process.stderr.write(text);
  },
  ended,
});
exit(exitCode);
