/** `GET /v1/runs/:id/executions/:eid/log`: what a command has printed, while it runs and after. */
import type {
  ExecutionLogHeader,
  ExecutionLogLine,
  ExecutionLogTrailer,
} from '@innkeeper/protocol';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { defineRoute } from '../../http/define-route.ts';
import { nothing, type AnswerOut, type AnyRoute } from '../../http/route.ts';
import { makeLogText } from '../log-text.ts';
import { makeOutputLines } from '../output-lines.ts';
import { readOutput } from '../read-output.ts';
import { isOver, presentExecution, type ExecutionRecord, type RunRecord } from '../run-record.ts';
import type { RunQuestions } from '../run-questions.ts';
import { safeName } from '../safe-name.ts';
import { getExecution } from '../sql/get-execution.ts';
import { EXECUTION_PROBLEMS, executionParams, tag } from './run-params.ts';

type Format = 'txt' | 'json';

const querySchema = z.strictObject({
  format: z
    .enum(['txt', 'json'], { error: 'must be txt or json' })
    .default('txt')
    .describe('txt: a header, a line each, a footer; json: one JSON object per line'),
});

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  txt: 'text/plain; charset=utf-8',
  json: 'application/x-ndjson; charset=utf-8',
};

const ndjson = (objects: readonly object[]): string =>
  objects.map((object) => `${JSON.stringify(object)}\n`).join('');

interface Sent {
  readonly database: Database;
  readonly run: RunRecord;
  readonly execution: ExecutionRecord;
  readonly out: AnswerOut;
}

/** As it is once the output was read, so that the footer fits what stands above it. */
const latest = async ({ database, execution }: Sent): Promise<ExecutionRecord> =>
  (await getExecution(database, execution.key)) ?? execution;

const sendText = async (sent: Sent): Promise<void> => {
  const { database, run, execution, out } = sent;
  const text = makeLogText(run, execution);
  await out.write(text.header());
  for await (const chunks of readOutput(database, execution.key)) {
    if (out.signal.aborted) {
      await out.write(`# INCOMPLETE: ${String(out.signal.reason)}\n`);
      return;
    }
    await out.write(chunks.map((chunk) => text.push(chunk)).join(''));
  }
  await out.write(text.end(isOver(execution) ? execution : await latest(sent)));
};

const sendJson = async (sent: Sent): Promise<void> => {
  const { database, run, execution, out } = sent;
  const lines = makeOutputLines();
  const trailer = (record: ExecutionRecord, reason: string | null): ExecutionLogTrailer => ({
    trailer: true,
    complete: reason === null && isOver(record),
    reason,
    execution: presentExecution(record),
  });
  const header: ExecutionLogHeader = {
    header: true,
    run_id: run.id,
    command: run.name,
    execution: presentExecution(execution),
  };
  await out.write(ndjson([header]));
  for await (const chunks of readOutput(database, execution.key)) {
    if (out.signal.aborted) {
      await out.write(ndjson([trailer(execution, String(out.signal.reason))]));
      return;
    }
    const more: ExecutionLogLine[] = chunks.flatMap((chunk) => lines.push(chunk));
    await out.write(ndjson(more));
  }
  const record = isOver(execution) ? execution : await latest(sent);
  await out.write(ndjson([...lines.end(), trailer(record, null)]));
};

export const makeLogRoute = ({
  database,
  questions,
}: {
  readonly database: Database;
  readonly questions: RunQuestions;
}): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/runs/:id/executions/:eid/log',
    tag,
    summary: 'What the command has printed on one VM, with times, start and end',
    access: { action: 'run.output' },
    params: executionParams,
    query: querySchema,
    body: nothing,
    answers: {
      200: {
        description:
          'with format=json, one object per line: ExecutionLogHeader, ExecutionLogLine …, ExecutionLogTrailer',
        schema: z.string(),
        contentType: 'text/plain',
      },
    },
    problems: EXECUTION_PROBLEMS,
    isStream: true,
    handle: async ({ actor, params, query }) => {
      const { id, eid } = params;
      const found = await questions.findExecution(actor, 'run.output', id, eid);
      if (!found.ok) return found;
      const { run, execution } = found.value;
      const { format } = query;
      const name = `${safeName(execution.vmName)}-${safeName(run.name)}.${format}`;
      return {
        ok: true,
        contentType: CONTENT_TYPES[format],
        headers: { 'content-disposition': `attachment; filename="${name}"` },
        stream: async (out) => {
          const sent = { database, run, execution, out };
          await (format === 'txt' ? sendText(sent) : sendJson(sent));
        },
      };
    },
  });
