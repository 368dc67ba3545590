/** Events of `GET /v1/vms/:id/logs`: those of the agent, and the state of the connection to it. */
import {
  logDroppedSchema,
  type LogDropped,
  type LogEnd,
  type LogEntry,
  type LogEvent,
  type LogMark,
} from '@innkeeper/protocol';
import type { HubState } from '../hub/log-hub.ts';
import { safeJson } from '../../http/safe-json.ts';

const eventText = (name: string, data: unknown): string =>
  `event: ${name}\ndata: ${safeJson(data)}\n\n`;

/** A comment: keeps what lies in between from closing a connection on which nothing happens. */
export const HEARTBEAT = ':\n\n';

export const lineText = (line: LogEvent): string => `id: ${line.cursor}\n${eventText('log', line)}`;

export const droppedText = (dropped: LogDropped): string => eventText('dropped', dropped);

export const endText = (end: LogEnd): string => eventText('end', end);

export const stateText = ({ state, since, retryAt, failure }: HubState): string =>
  eventText('state', { state, since, retry_at: retryAt ?? null, failure: failure ?? null });

/** Only where something is missing. */
const markText = ({ count, reason }: LogMark): string => {
  if (count === 0) return '';
  const known = logDroppedSchema.shape.reason.safeParse(reason);
  return droppedText({ count, reason: known.success ? known.data : 'damaged' });
};

export const entryText = (entry: LogEntry): string => {
  if ('mark' in entry) return markText(entry);
  const { seq: _, ...line } = entry;
  return lineText(line);
};
