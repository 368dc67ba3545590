/** Real journal files with the entries that a test wants, made by systemd-journal-remote. */
import { spawnSync } from 'node:child_process';
import { debianBinary, debianVariables, type DebianProgram } from './debian-package.ts';

export interface ExportEntry {
  readonly realtimeUs: number;
  readonly bootId?: string;
  readonly monotonicUs: number;
  readonly fields: readonly (readonly [name: string, value: string | Uint8Array])[];
}

export type JournalWriter =
  | {
      readonly ok: true;
      /** Adds the entries to the file, which is made if it is not there. */
      write(
        path: string,
        entries: readonly ExportEntry[],
        options?: { variables?: Readonly<Record<string, string>>; args?: readonly string[] },
      ): void;
    }
  | { readonly ok: false; readonly reason: string };

const PROGRAM: DebianProgram = {
  package: 'systemd-journal-remote',
  path: 'lib/systemd/systemd-journal-remote',
  dependencies: true,
};

const BOOT_ID = '6f372cb2ce8d4e8ba287987cd104091a';

/** https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-export-format */
const fieldBytes = (name: string, value: string | Uint8Array): Uint8Array => {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const isText = bytes.every((byte) => byte >= 32 || byte === 9);
  if (isText) return Buffer.concat([Buffer.from(`${name}=`), bytes, Buffer.from('\n')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]);
};

const exportOf = (entry: ExportEntry): Uint8Array => {
  const { realtimeUs, monotonicUs, bootId = BOOT_ID, fields } = entry;
  const head =
    `__REALTIME_TIMESTAMP=${realtimeUs}\n__MONOTONIC_TIMESTAMP=${monotonicUs}\n` +
    `_BOOT_ID=${bootId}\n`;
  const parts = fields.map(([name, value]) => fieldBytes(name, value));
  return Buffer.concat([Buffer.from(head), ...parts, Buffer.from('\n')]);
};

export const obtainJournalWriter = async (): Promise<JournalWriter> => {
  const obtained = await debianBinary(PROGRAM);
  if (!obtained.ok) return { ok: false, reason: obtained.reason };
  const { path: program } = obtained;
  const env = { ...process.env, ...debianVariables(program, PROGRAM) };
  return {
    ok: true,
    write: (path, entries, { variables = {}, args = [] } = {}) => {
      const input = Buffer.concat(entries.map(exportOf));
      const done = spawnSync(program, [...args, '--output', path, '-'], {
        input,
        env: { ...env, ...variables },
        encoding: 'utf8',
        timeout: 60_000,
      });
      if (done.status !== 0) throw new Error(`systemd-journal-remote says: ${done.stderr}`);
    },
  };
};
