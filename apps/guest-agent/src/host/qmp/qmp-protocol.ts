/**
 * The client's side of a QMP conversation (docs/interop/qmp-spec.rst of QEMU), without any I/O:
 * a greeting, the negotiation, then answers that are matched to questions by id, with events in
 * between at any time. Lines end with CRLF. What has no meaning here is counted and left alone.
 */
import type { TextCodec } from '../../platform/platform.ts';
import { makeLineSplitter } from '../line-splitter.ts';

export type QmpAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly class: string; readonly message: string };

export type QmpMessage =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'answer'; readonly id: unknown; readonly answer: QmpAnswer }
  | { readonly kind: 'event' }
  | { readonly kind: 'garbage' };

type Fields = Readonly<Record<string, unknown>>;

const MAX_LINE_BYTES = 1024 * 1024;
/** From one round to the next. Who says more is no monitor, and each line of it costs time. */
const MAX_IGNORED_LINES = 64;
/** QEMU limits the rate of those that a guest can cause. */
const MAX_EVENTS = 1_000;
const GARBAGE: QmpMessage = { kind: 'garbage' };

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const messageOf = (root: unknown): QmpMessage => {
  if (!isFields(root)) return GARBAGE;
  if (Object.hasOwn(root, 'return')) {
    return { kind: 'answer', id: root['id'], answer: { ok: true, value: root['return'] } };
  }
  const error = root['error'];
  if (isFields(error)) {
    const answer = { ok: false, class: textOf(error['class']), message: textOf(error['desc']) };
    return { kind: 'answer', id: root['id'], answer: { ...answer, ok: false } };
  }
  if (typeof root['event'] === 'string') return { kind: 'event' };
  return isFields(root['QMP']) ? { kind: 'greeting' } : GARBAGE;
};

export const parseQmpLine = (text: string): QmpMessage => {
  // To fail costs JSON.parse several times what it costs to succeed.
  if (!text.startsWith('{')) return GARBAGE;
  try {
    const root: unknown = JSON.parse(text);
    return messageOf(root);
  } catch {
    // JSON.parse's only failure: the line is not JSON.
    return GARBAGE;
  }
};

export interface QmpCallbacks {
  write(text: string): void;
  /** The negotiation is over; questions may be asked. */
  ready(): void;
  /** The other side speaks no QMP, or refuses to. */
  failed(why: string): void;
}

export interface QmpConversation {
  receive(chunk: Uint8Array): void;
  isReady(): boolean;
  /** Whether the server has said anything: it greets only one client at a time. */
  isGreeted(): boolean;
  /** Asks all at once, by names of commands, which need no escaping; `done` is called once, when all are answered, in the order of the questions. */
  ask(commands: readonly string[], done: (answers: readonly QmpAnswer[]) => void): void;
  /** Lines that were no message, and answers that nobody waits for. */
  ignoredLines(): number;
}

interface Round {
  /** The questions are numbered from here on. */
  readonly firstId: number;
  readonly answers: (QmpAnswer | undefined)[];
  waiting: number;
  readonly done: (answers: readonly QmpAnswer[]) => void;
}

export const makeQmpConversation = (
  text: Pick<TextCodec, 'decodeUtf8'>,
  callbacks: QmpCallbacks,
): QmpConversation => {
  const splitter = makeLineSplitter(text, MAX_LINE_BYTES);
  let state: 'silent' | 'negotiating' | 'ready' | 'failed' = 'silent';
  let nextId = 1;
  let round: Round | undefined;
  let ignored = 0;
  let ignoredOfRound = 0;
  let eventsOfRound = 0;

  const fail = (why: string): void => {
    state = 'failed';
    callbacks.failed(why);
  };

  const ignore = (): void => {
    ignored += 1;
    ignoredOfRound += 1;
    if (ignoredOfRound > MAX_IGNORED_LINES) fail(`more than ${MAX_IGNORED_LINES} unknown lines`);
  };

  const takeAnswer = (id: unknown, answer: QmpAnswer): void => {
    const current = round;
    const index = typeof id === 'number' && current !== undefined ? id - current.firstId : -1;
    const isWanted =
      Number.isInteger(index) && index >= 0 && index < (current?.answers.length ?? 0);
    if (current === undefined || !isWanted || current.answers[index] !== undefined) {
      ignore();
      return;
    }
    current.answers[index] = answer;
    current.waiting -= 1;
    if (current.waiting > 0) return;
    round = undefined;
    current.done(current.answers.filter((one) => one !== undefined));
  };

  const ask: QmpConversation['ask'] = (commands, done) => {
    const firstId = nextId;
    const count = commands.length;
    ignoredOfRound = 0;
    eventsOfRound = 0;
    nextId += count;
    round = { firstId, answers: Array.from({ length: count }), waiting: count, done };
    let lines = '';
    for (let index = 0; index < count; index += 1) {
      lines += `{"execute":"${commands[index] ?? ''}","id":${firstId + index}}\n`;
    }
    // One write: at 200 VMs three of them each would be most of what a call costs.
    callbacks.write(lines);
  };

  const negotiate = (): void => {
    state = 'negotiating';
    ask(['qmp_capabilities'], ([answer]) => {
      if (answer?.ok === false) {
        fail(`qmp_capabilities: ${answer.message}`);
        return;
      }
      state = 'ready';
      callbacks.ready();
    });
  };

  const take = (message: QmpMessage): void => {
    switch (message.kind) {
      case 'greeting':
        if (state === 'silent') negotiate();
        else ignore();
        return;
      case 'answer':
        takeAnswer(message.id, message.answer);
        return;
      case 'event':
        eventsOfRound += 1;
        if (eventsOfRound > MAX_EVENTS) fail(`more than ${MAX_EVENTS} events without being asked`);
        return;
      case 'garbage':
        if (state === 'silent') {
          ignored += 1;
          fail('the first line is no greeting');
        } else {
          ignore();
        }
        return;
      default: {
        const never: never = message;
        throw new Error(`a message of no kind: ${String(never)}`);
      }
    }
  };

  return {
    receive: (chunk) => {
      if (state === 'failed') return;
      splitter.each(chunk, (split) => {
        take(split.kind === 'line' ? parseQmpLine(split.text) : GARBAGE);
        return state !== 'failed';
      });
    },
    isReady: () => state === 'ready',
    isGreeted: () => state !== 'silent',
    ask,
    ignoredLines: () => ignored,
  };
};
