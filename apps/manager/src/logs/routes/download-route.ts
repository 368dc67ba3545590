/** `GET /v1/vms/:id/logs/download`: what an agent has kept, as a file, however much it is. */
import { logEventSchema, type LogTrailer } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { defineRoute } from '../../http/define-route.ts';
import { refuse } from '../../http/problem.ts';
import { idParams, nothing, type AnswerOut, type AnyRoute } from '../../http/route.ts';
import { AGENT_PROBLEMS } from '../../vms/agent-problem.ts';
import type { LogItem, LogReader, LogReading } from '../read/log-reader.ts';
import { downloadName } from './download-name.ts';
import { filterQuery, filtersIn, FROM_AFTER_TO, rangeQuery } from './log-query.ts';
import { readingProblem } from './reading-problem.ts';
import { safeJson } from '../../http/safe-json.ts';
import { textOfDropped, textOfLine } from './text-line.ts';

type Format = 'txt' | 'json';

const querySchema = z.strictObject({
  format: z
    .enum(['txt', 'json'], { error: 'must be txt or json' })
    .default('txt')
    .describe('txt: a line each; json: one JSON object per line'),
  ...rangeQuery,
  ...filterQuery,
});

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  txt: 'text/plain; charset=utf-8',
  json: 'application/x-ndjson; charset=utf-8',
};

const textOf = (format: Format, item: LogItem): string => {
  if (format === 'json') {
    return `${safeJson(item.kind === 'line' ? item.line : item.dropped)}\n`;
  }
  return item.kind === 'line' ? textOfLine(item.line) : textOfDropped(item.dropped);
};

const trailerText = (format: Format, trailer: LogTrailer): string => {
  if (format === 'json') return `${safeJson(trailer)}\n`;
  const { complete, reason, lines, missing } = trailer;
  const gone = missing === 0 ? '' : `, ${missing ?? 'some'} missing in between`;
  return complete
    ? `# complete: ${lines} lines${gone}\n`
    : `# INCOMPLETE after ${lines} lines${gone}: ${reason}\n`;
};

/** Written at once: many lines, and still far less than a connection holds by itself. */
const WRITE_CHARACTERS = 64 * 1024;

const sendAll = async (
  format: Format,
  reading: LogReading,
  { signal, write }: AnswerOut,
): Promise<void> => {
  let lines = 0;
  let missing: number | null = 0;
  let text = '';
  const onAbort = (): void => void reading.close();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    for (let items = await reading.next(); items !== undefined; items = await reading.next()) {
      for (const item of items) {
        text += textOf(format, item);
        if (item.kind === 'line') lines += 1;
        else if (missing !== null) {
          const { count } = item.dropped;
          missing = count === null ? null : missing + count;
        }
        if (text.length < WRITE_CHARACTERS) continue;
        await write(text);
        text = '';
      }
      if (signal.aborted) break;
    }
  } finally {
    // A line that cannot be written as text must not keep the agent's place.
    signal.removeEventListener('abort', onAbort);
    await reading.close();
  }
  const problem = signal.aborted ? String(signal.reason) : reading.problem()?.message;
  const trailer = {
    trailer: true,
    complete: problem === undefined,
    reason: problem ?? null,
    lines,
    missing,
  } as const;
  await write(text + trailerText(format, trailer));
};

export const makeDownloadRoute = ({
  reader,
  clock,
}: {
  readonly reader: LogReader;
  readonly clock: Pick<Clock, 'now'>;
}): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/logs/download',
    tag: 'Logs',
    summary: 'Logs of a VM as a file; its last line says whether it is complete',
    access: { action: 'logs.read', vm: 'id' },
    params: idParams,
    query: querySchema,
    body: nothing,
    answers: {
      200: {
        description: 'with format=json, objects like this one, then a LogTrailer',
        schema: logEventSchema,
        contentType: 'application/x-ndjson',
      },
    },
    problems: AGENT_PROBLEMS,
    isStream: true,
    handle: async ({ vm, query, signal }) => {
      const { format, source, since = 0, until = clock.now() } = query;
      if (since > until) return refuse({ status: 422, code: 'invalid', message: FROM_AFTER_TO });
      const question = { source, since, until, ...filtersIn(query) };
      const opened = await reader.open(vm, question, { signal, isLong: true });
      if (!opened.ok) return refuse(readingProblem(opened));
      const name = downloadName(vm.name, { since, until }, format);
      return {
        ok: true,
        contentType: CONTENT_TYPES[format],
        headers: { 'content-disposition': `attachment; filename="${name}"` },
        stream: async (out) => sendAll(format, opened.reading, out),
      };
    },
  });
