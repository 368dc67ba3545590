/** A journal like that of a server: 22 fields an entry, most of them the same for all of a unit. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { obtainJournalWriter, type ExportEntry } from '../../support/journal-remote.ts';

const START_US = 1_760_000_000_000_000;
const UNITS = 12;
/** Written at once; a million would not fit into one string. */
const BATCH = 20_000;

const id = (seed: number): string => seed.toString(16).padStart(32, '5d');

const entryOf = (index: number): ExportEntry => {
  const unit = (index * 7) % UNITS;
  const at = START_US + index * 1_500;
  const long = index % 20 === 0 ? ' with more to tell than most of them'.repeat(16) : '';
  return {
    realtimeUs: at,
    monotonicUs: at - START_US + 5_000_000,
    fields: [
      ['_TRANSPORT', 'syslog'],
      ['PRIORITY', String(3 + (index % 5))],
      ['SYSLOG_FACILITY', '3'],
      ['SYSLOG_IDENTIFIER', `service${unit}`],
      ['SYSLOG_PID', String(800 + unit)],
      ['SYSLOG_TIMESTAMP', `Nov 20 10:${10 + (Math.floor(index / 4_000) % 50)}:00 `],
      ['_PID', String(800 + unit)],
      ['_UID', '0'],
      ['_GID', '0'],
      ['_COMM', `service${unit}`],
      ['_EXE', `/usr/lib/services/service${unit}`],
      ['_CMDLINE', `/usr/lib/services/service${unit} --config /etc/services/${unit}.conf`],
      ['_CAP_EFFECTIVE', '1ffffffffff'],
      ['_SELINUX_CONTEXT', 'unconfined\n'],
      ['_SYSTEMD_CGROUP', `/system.slice/service${unit}.service`],
      ['_SYSTEMD_UNIT', `service${unit}.service`],
      ['_SYSTEMD_SLICE', 'system.slice'],
      ['_SYSTEMD_INVOCATION_ID', id(unit)],
      ['_MACHINE_ID', id(99)],
      ['_HOSTNAME', 'db-0287'],
      ['_SOURCE_REALTIME_TIMESTAMP', String(at - 40)],
      ['MESSAGE', `request ${index} of client ${index % 977} took ${index % 311} ms${long}`],
    ],
  };
};

export interface Journal {
  readonly folder: string;
  readonly entries: number;
}

export const makeJournal = async (parent: string, entries: number): Promise<Journal> => {
  const writer = await obtainJournalWriter();
  if (!writer.ok) throw new Error(`systemd-journal-remote: ${writer.reason}`);
  const folder = join(parent, 'journal');
  mkdirSync(folder);
  for (let from = 0; from < entries; from += BATCH) {
    const count = Math.min(BATCH, entries - from);
    const batch = Array.from({ length: count }, (_, index) => entryOf(from + index));
    writer.write(join(folder, 'remote.journal'), batch);
  }
  return { folder, entries };
};
