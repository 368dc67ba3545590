/** Events of a VM as sentences, as marks on its charts, and as the reason why there is nothing. */
import type { VmEvent } from '@innkeeper/protocol';
import { ORIGINS, PULL_FAILURE_KINDS, VM_STATES } from '@innkeeper/protocol/vocabulary';
import type { EventMark } from '../../charts/chart-spec.ts';
import type { Span } from '../../charts/gaps.ts';
import { refusalWords } from '../../enroll/refusal-advice.ts';
import { FAILURE_WORDS, STATE_WORDS } from '../../ui/state-words.ts';

export interface EventText {
  readonly title: string;
  /** Why, or from what to what. */
  readonly detail: string;
}

const ORIGIN_WORDS = {
  guest: 'The guest’s agent tells the values',
  host: 'The host tells what it sees from outside',
  none: 'Nobody tells values any more',
} as const;

const stateOf = (value: unknown): string | undefined => {
  const state = VM_STATES.find((one) => one === value);
  return state === undefined ? undefined : STATE_WORDS[state];
};

const reasonWords = ({ detail }: VmEvent): string | undefined => {
  const kind = PULL_FAILURE_KINDS.find((one) => one === detail['reason']);
  return kind === undefined ? undefined : FAILURE_WORDS[kind];
};

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : 'none';

const fromTo = ({ detail }: VmEvent): string =>
  `${textOf(detail['from'])} → ${textOf(detail['to'])}`;

const why = (event: VmEvent): string => {
  const { message } = event.detail;
  const parts = [reasonWords(event), typeof message === 'string' ? message : undefined];
  return parts.filter((part) => part !== undefined).join(': ');
};

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');

const hostnameWords = ({ detail }: VmEvent): string =>
  typeof detail['hostname'] === 'string' ? `as ${detail['hostname']}` : '';

const senderWords = ({ detail }: VmEvent): string =>
  typeof detail['from'] === 'string' ? `from ${detail['from']}` : '';

export const describeEvent = (event: VmEvent): EventText => {
  const { kind, detail } = event;
  switch (kind) {
    case 'registered':
      return { title: 'Registered', detail: '' };
    case 'state_changed': {
      const state = stateOf(detail['to']) ?? textOf(detail['to']);
      const before = stateOf(detail['from']);
      const since = before === undefined ? '' : `was ${before}`;
      return { title: `State: ${state}`, detail: why(event) || since };
    }
    case 'origin_changed': {
      const origin = ORIGINS.find((one) => one === detail['to']);
      return {
        title: origin === undefined ? 'Another source' : ORIGIN_WORDS[origin],
        detail: why(event),
      };
    }
    case 'rebooted':
      return { title: 'Rebooted', detail: '' };
    case 'address_changed':
      return { title: 'Another address', detail: fromTo(event) };
    case 'host_changed':
      return { title: 'Another host', detail: fromTo(event) };
    case 'enrolled':
      return { title: 'Its agent has enrolled', detail: hostnameWords(event) };
    case 're_enrolled':
      return {
        title: 'Enrolled again, with another key',
        detail: joined([hostnameWords(event), fromTo(event)]),
      };
    case 'cloned':
      return {
        title: 'A copy of its disk was refused',
        detail: joined([hostnameWords(event), senderWords(event)]),
      };
    case 'enrollment_refused':
      return {
        title: 'An agent was refused',
        detail: joined([refusalWords(textOf(detail['reason'])), senderWords(event)]),
      };
    case 'key_rotated':
      return {
        title: `The manager has another key: ${textOf(detail['to'])}`,
        detail:
          detail['reason'] === 'agent_behind'
            ? 'its agent does not know it: make a new token for it'
            : '',
      };
    default:
      return kind satisfies never;
  }
};

/**
 * Those that explain what a line does. A change of source comes with one of state, and the first
 * state of all explains nothing.
 */
const MARKED: ReadonlySet<string> = new Set([
  'state_changed',
  'rebooted',
  'address_changed',
  'host_changed',
]);

export const marksOf = (events: readonly VmEvent[]): readonly EventMark[] =>
  events
    .filter(({ kind, detail }) => MARKED.has(kind) && detail['from'] !== 'unknown')
    .map((event) => {
      const { title, detail } = describeEvent(event);
      const words = event.kind === 'state_changed' ? (reasonWords(event) ?? '') : detail;
      return { at: event.at, text: words === '' ? title : `${title}, ${words}` };
    });

/** An event is written down when it is certain, some seconds after values stop. */
const LATE_MS = 15_000;

const isLoss = ({ kind, detail }: VmEvent): boolean =>
  (kind === 'state_changed' && detail['to'] !== 'up') ||
  (kind === 'origin_changed' && detail['to'] !== 'guest');

const NOBODY_WROTE = 'nothing was stored: the manager was not running, or the database was away';

/**
 * Why there is nothing at a moment of a gap. `events`: newest first. `wasHeard`: the manager told
 * something in it, only not this.
 */
export const reasonOfGap = (
  gap: Span,
  at: number,
  events: readonly VmEvent[],
  createdAt: number | undefined,
  wasHeard: boolean,
): string => {
  if (createdAt !== undefined && gap.from < createdAt && gap.to <= createdAt + LATE_MS) {
    return 'before it was registered';
  }
  const last = events.find(
    (event) =>
      event.at <= Math.min(gap.to, Math.max(at, gap.from + LATE_MS)) &&
      (event.kind === 'state_changed' || event.kind === 'origin_changed'),
  );
  if (last === undefined || !isLoss(last)) return wasHeard ? 'not told' : NOBODY_WROTE;
  const state = last.kind === 'state_changed' ? stateOf(last.detail['to']) : undefined;
  return [state ?? 'no data', reasonWords(last)].filter((part) => part !== undefined).join(', ');
};
