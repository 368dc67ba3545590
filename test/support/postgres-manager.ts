/**
 * Started as a program by tests: as much of a manager as runs a Postgres of its own. It tells on
 * stdout, in lines of JSON, how the start went, and stops in order at SIGTERM.
 *
 *     node --import tsx test/support/postgres-manager.ts <data folder>
 */
import { startEmbeddedPostgres } from '../../apps/manager/src/postgres/embedded-postgres.ts';
import { describeSystem } from '../../apps/manager/src/postgres/system.ts';
import { keepLog } from './postgres-log.ts';

const [dataDir = ''] = process.argv.slice(2);
const log = keepLog();

const run = async (): Promise<void> => {
  const started = await startEmbeddedPostgres({
    dataDir,
    system: describeSystem(process),
    log,
    monotonicMs: () => performance.now(),
  });
  const told = started.ok ? started.server.connection : { problem: started.problem };
  console.log(JSON.stringify({ ...told, log: log.lines }));
  if (!started.ok) return;
  process.once('SIGTERM', () => void started.server.stop());
  // Only to stay alive.
  const timer = setInterval(() => undefined, 60_000);
  await started.server.ended;
  clearInterval(timer);
};

void run();
