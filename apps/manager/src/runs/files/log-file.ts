/**
 * The file of one execution, `<folder>/<vm>/<time>-<name>-<id>.log`, written from what the database
 * has: after a restart it is made anew. At the end its name says how it ended: `….ok.log`.
 */
import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queryable } from '../../database/database.ts';
import { makeLogText } from '../log-text.ts';
import { readOutput } from '../read-output.ts';
import { hasSucceeded, isOver, type ExecutionRecord, type RunRecord } from '../run-record.ts';
import { safeName } from '../safe-name.ts';
import { getExecution } from '../sql/get-execution.ts';

export interface LogFile {
  /** The folder of the VM. */
  readonly folder: string;
  /** Appends what the database has by now; ends the file where the execution is over. */
  catchUp(): Promise<void>;
  isEnded(): boolean;
}

const ID_CHARACTERS = 8;

/** Two VMs whose names differ only in what no file name has get folders of their own. */
const folderName = ({ vmId, vmName }: ExecutionRecord): string => {
  const safe = safeName(vmName);
  return safe === vmName ? safe : `${safe}-${vmId.slice(0, ID_CHARACTERS)}`;
};

const outcomeOf = (execution: ExecutionRecord): string => {
  if (hasSucceeded(execution)) return 'ok';
  if (execution.state !== 'exited') return execution.state;
  return execution.timedOut ? 'timeout' : 'failed';
};

export const makeLogFile = (
  database: Queryable,
  root: string,
  run: RunRecord,
  execution: ExecutionRecord,
): LogFile => {
  const folder = join(root, folderName(execution));
  const time = new Date(run.createdAt).toISOString().slice(0, 19).replaceAll(':', '-');
  const name = `${time}-${safeName(run.name)}-${execution.id.slice(0, ID_CHARACTERS)}`;
  const path = join(folder, `${name}.log`);
  const text = makeLogText(run, execution);
  let through = 0;
  let isBegun = false;
  let isEnded = false;

  return {
    folder,
    isEnded: () => isEnded,
    catchUp: async () => {
      // As the database has it, and before the output is read: what is over has no more of it.
      const stored = await getExecution(database, execution.key);
      if (isEnded || stored === undefined || stored.state === 'queued') return;
      const isLast = isOver(stored);
      if (stored.state === 'cancelled') isEnded = true;
      if (stored.state === 'starting' || stored.state === 'cancelled') return;
      if (!isBegun) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(path, text.header(), { mode: 0o600 });
        isBegun = true;
      }
      for await (const chunks of readOutput(database, execution.key, through)) {
        await appendFile(path, chunks.map((chunk) => text.push(chunk)).join(''));
        through = chunks.at(-1)?.seq ?? through;
      }
      if (!isLast) return;
      await appendFile(path, text.end(stored));
      await rename(path, join(folder, `${name}.${outcomeOf(stored)}.log`));
      isEnded = true;
    },
  };
};
