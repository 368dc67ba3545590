/** The events of an agent's `GET /logs`, out of the bytes that come: each is checked, none is trusted. */
import {
  logDroppedSchema,
  logEndSchema,
  type LogDropped,
  type LogEnd,
  type LogEvent,
} from '@innkeeper/protocol';
import { printable } from '../../pull/failure.ts';
import { parseLogText } from '../log-text.ts';
import { makeSseParser, type SseParser } from './sse-parser.ts';

export interface LogEvents {
  /** With the JSON text that it was made of. */
  line(event: LogEvent, text: string): void;
  dropped(dropped: LogDropped): void;
  end(end: LogEnd): void;
  /** Something that is no event, or one that is too long: a line may be missing. */
  bad(): void;
}

const MAX_END_MESSAGE = 240;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const makeLogEventReader = (to: LogEvents, maxEventBytes: number): SseParser =>
  makeSseParser(
    {
      event: (name, data) => {
        if (name === 'log') {
          const event = parseLogText(data);
          if (event === undefined) to.bad();
          else to.line(event, data);
        } else if (name === 'dropped') {
          const dropped = logDroppedSchema.safeParse(parseJson(data));
          if (dropped.success) to.dropped(dropped.data);
          else to.bad();
        } else if (name === 'end') {
          const end = logEndSchema.safeParse(parseJson(data));
          if (!end.success) to.bad();
          else {
            const message = printable(end.data.message ?? '', MAX_END_MESSAGE);
            to.end({ ...end.data, message });
          }
        }
        // Whatever else there may be one day is not for us.
      },
      tooLong: () => to.bad(),
    },
    maxEventBytes,
  );
