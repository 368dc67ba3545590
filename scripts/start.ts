/**
 * `npm start`: builds the agent, runs it for this machine on loopback and says where to look.
 * Ctrl-C stops it; nothing stays behind.
 */
import { buildAgent } from './build/bundle.ts';
import { startLocalAgent } from './start/local-agent.ts';

const PREFERRED_PORT = 8080;

const say = (line: string): void => console.log(line);

const stopRequested = new Promise<void>((resolve) => {
  let asked = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The listener stays for good: between two of them, a signal would end this process before it
    // could end the agent.
    process.on(name, () => {
      if (asked) process.exit(130); // A second signal means now.
      asked = true;
      resolve();
    });
  }
});

const built = await buildAgent();
say(`guest agent ${built.version}: ${built.file}, ${Math.round(built.bytes / 1000)} kB`);

const started = await startLocalAgent({ bundle: built.path, preferredPort: PREFERRED_PORT });
if (started.ok) {
  const { url, port, agent } = started;
  if (port !== PREFERRED_PORT) say(`port ${PREFERRED_PORT} is in use, so it took ${port}`);
  say(`
It runs and reads this machine. In another terminal:

  curl ${url}/health
  curl ${url}/metrics

Also ${url}/info, ${url}/processes and ${url}/metrics?format=json. Ctrl-C stops it.
`);
  const outcome = await Promise.race([
    stopRequested.then(() => 'asked' as const),
    agent.ended.then((end) => end),
  ]);
  if (outcome === 'asked') {
    say('stopping');
    await agent.stop();
  } else {
    console.error(`the agent ended by itself (${outcome})`);
    process.exitCode = 1;
  }
} else {
  console.error(started.reason);
  process.exitCode = 1;
}
