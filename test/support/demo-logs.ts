/** A journal with some minutes of what a database server says, for pictures. */
import { join } from 'node:path';
import type { ExportEntry, JournalWriter } from './journal-remote.ts';

const SPAN_MS = 170_000;
const STORM_FROM_MS = 60_000;
const STORM_TO_MS = 48_000;
const MEAN_GAP_MS = 170;

interface Said {
  readonly program: string;
  /** As syslog counts: 3 is an error, 7 is for debugging. */
  readonly priority: number;
  readonly text: string;
  /** How often, beside the others. */
  readonly weight: number;
}

const SAYINGS: readonly Said[] = [
  {
    program: 'postgres',
    priority: 6,
    weight: 6,
    text: 'automatic vacuum of table "app.public.events": index scans: 1, pages: 0 removed, 48120 remain',
  },
  {
    program: 'postgres',
    priority: 6,
    weight: 4,
    text: 'checkpoint complete: wrote 2148 buffers (1.6%); 0 WAL file(s) added, 2 removed; write=26.9 s',
  },
  {
    program: 'postgres',
    priority: 4,
    weight: 2,
    text: 'duration: 1841.302 ms  statement: SELECT * FROM events WHERE tenant_id = 4411 LIMIT 100',
  },
  {
    program: 'postgres',
    priority: 3,
    weight: 0.6,
    text: 'could not receive data from client: Connection reset by peer',
  },
  {
    program: 'pgbackrest',
    priority: 6,
    weight: 6,
    text: 'P00   INFO: archive-push command end: completed successfully (214ms)',
  },
  {
    program: 'sshd',
    priority: 6,
    weight: 3,
    text: 'Accepted publickey for deploy from 10.20.0.14 port 51234 ssh2: ED25519 SHA256:r4Qb',
  },
  {
    program: 'kernel',
    priority: 7,
    weight: 3,
    text: 'nvme0n1: I/O queue depth 1023, 8 default/0/0 read/poll queues',
  },
  {
    program: 'node_exporter',
    priority: 7,
    weight: 3,
    text: 'collector finished name=diskstats duration_seconds=0.000412',
  },
  {
    program: 'orders',
    priority: 6,
    weight: 3,
    text: '\u001B[32mPOST\u001B[0m /v1/orders \u001B[1;36m201\u001B[0m 12 ms',
  },
  { program: 'systemd', priority: 6, weight: 2, text: 'Started Session 2841 of user deploy.' },
];

/** The same in each run, so that pictures look alike. */
const makeRandom = (): (() => number) => {
  let state = 20_261_120;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

const choose = (random: number): Said => {
  let rest = random * SAYINGS.reduce((sum, { weight }) => sum + weight, 0);
  for (const said of SAYINGS) {
    rest -= said.weight;
    if (rest <= 0) return said;
  }
  throw new Error('the weights do not add up');
};

const entryAt = (ms: number, { program, priority, text }: Said, index: number): ExportEntry => ({
  realtimeUs: Math.round(ms * 1000),
  monotonicUs: (index + 1) * 1000,
  fields: [
    ['MESSAGE', text],
    ['PRIORITY', String(priority)],
    ['SYSLOG_IDENTIFIER', program],
    ['_PID', String(700 + program.length)],
    ['_HOSTNAME', 'db-007'],
    ['_TRANSPORT', 'journal'],
  ],
});

/** @param folder for the agent's setting `journal_paths` */
export const writeDemoLogs = (
  writer: Extract<JournalWriter, { ok: true }>,
  folder: string,
  now: number,
): void => {
  const random = makeRandom();
  const entries: ExportEntry[] = [];
  let at = now - SPAN_MS;
  while (at < now - 1_000) {
    const isStorm = at > now - STORM_FROM_MS && at < now - STORM_TO_MS;
    at += MEAN_GAP_MS * (isStorm ? 0.5 : 1) * -Math.log(1 - random());
    entries.push(entryAt(at, choose(random()), entries.length));
  }
  writer.write(join(folder, 'remote.journal'), entries);
};
