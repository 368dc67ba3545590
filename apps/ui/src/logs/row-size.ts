/**
 * About what a line takes of the browser's memory, in characters. Its fields count too: an entry of a
 * journal may have a hundred times as much in them as in its message.
 */
import type { LogEvent } from '@innkeeper/protocol';

/** Of a line, besides what it says. */
export const LINE_OVERHEAD = 200;
/** Of a field or an element, besides name and value. */
const FIELD_OVERHEAD = 32;

/** Step by step, since what is nested may be so as deep as the guest likes. */
const sizeOfFields = (fields: LogEvent['fields']): number => {
  let size = 0;
  const waiting: unknown[] = [fields];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string') size += value.length;
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, one] of Object.entries(value)) {
      size += name.length + FIELD_OVERHEAD;
      if (typeof one === 'string') size += one.length;
      else waiting.push(one);
    }
  }
  return size;
};

export const sizeOfLine = ({ message, target, cursor, fields }: LogEvent): number =>
  LINE_OVERHEAD + message.length + target.length + cursor.length + sizeOfFields(fields);
