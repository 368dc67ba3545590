/** What the push server asks about runs. */
import type { Database } from '../database/database.ts';
import type { RunAccess } from './run-access.ts';
import type { StoredEvent } from './run-record.ts';
import type { RunQuestions } from './run-questions.ts';
import type { RunWriter } from './run-writer.ts';
import { getRunEvents } from './sql/get-run-events.ts';
import { getRunTail } from './sql/get-run-tail.ts';

export interface RunSource {
  readonly find: RunQuestions['find'];
  readonly may: RunAccess['may'];
  read(
    runKey: number,
    after: number,
    most: { readonly events: number; readonly bytes: number },
  ): Promise<readonly StoredEvent[]>;
  /** Where the end of what is stored begins: so many events, about so many bytes. */
  tail(
    runKey: number,
    most: { readonly events: number; readonly bytes: number },
  ): Promise<{ readonly after: number; readonly last: number }>;
  onWritten: RunWriter['onWritten'];
}

export const makeRunSource = ({
  database,
  questions,
  access,
  writer,
}: {
  readonly database: Database;
  readonly questions: RunQuestions;
  readonly access: RunAccess;
  readonly writer: Pick<RunWriter, 'onWritten'>;
}): RunSource => ({
  find: (actor, runId) => questions.find(actor, runId),
  may: (actor, action, vmId) => access.may(actor, action, vmId),
  read: async (runKey, after, { events: maxEvents, bytes: maxBytes }) =>
    getRunEvents(database, { runKey, after, maxEvents, maxBytes }),
  tail: async (runKey, most) => getRunTail(database, runKey, most),
  onWritten: (listener) => writer.onWritten(listener),
});
