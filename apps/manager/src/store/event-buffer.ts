/** Events of VMs that wait to be written. When it is full, the oldest makes room and is counted. */
import type { VmEvent, VmEventKind } from '@innkeeper/protocol';

export interface NewVmEvent {
  readonly vmKey: number;
  readonly at: number;
  readonly kind: VmEventKind;
  readonly detail: VmEvent['detail'];
}

export interface EventBuffer {
  add(event: NewVmEvent): void;
  /** The oldest ones. They are gone from here; `putBack` returns what was not written. */
  take(max: number): readonly NewVmEvent[];
  putBack(events: readonly NewVmEvent[]): void;
  readonly size: number;
  readonly dropped: number;
}

const MAX_FIELDS = 16;
const MAX_TEXT = 512;

/** Messages may quote a guest. Postgres takes neither NUL nor half of a surrogate pair in jsonb. */
const cleanText = (text: string): string =>
  Buffer.from(text.slice(0, MAX_TEXT).replaceAll('\0', ''), 'utf8').toString('utf8');

const cleanDetail = (detail: VmEvent['detail']): VmEvent['detail'] =>
  Object.fromEntries(
    Object.entries(detail)
      .slice(0, MAX_FIELDS)
      .map(([name, value]) => [
        cleanText(name),
        typeof value === 'string' ? cleanText(value) : value,
      ]),
  );

export const makeEventBuffer = (capacity: number): EventBuffer => {
  let events: NewVmEvent[] = [];
  let dropped = 0;
  const trim = (): void => {
    const excess = events.length - capacity;
    if (excess <= 0) return;
    events = events.slice(excess);
    dropped += excess;
  };
  return {
    add: (event) => {
      events.push({ ...event, detail: cleanDetail(event.detail) });
      trim();
    },
    take: (max) => events.splice(0, max),
    putBack: (unwritten) => {
      events = [...unwritten, ...events];
      trim();
    },
    get size() {
      return events.length;
    },
    get dropped() {
      return dropped;
    },
  };
};
