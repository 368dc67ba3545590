/**
 * Events of an execution as they are kept: two lists of values, because there may be thousands of a
 * few bytes each, and objects for each of them would take four times the memory that is counted.
 */
import type { ExecEventData, ExecEventName } from '@innkeeper/protocol';

export type ExecEvent = {
  [Name in ExecEventName]: { readonly name: Name; readonly data: ExecEventData[Name] };
}[ExecEventName];

/** As it goes to a client. */
export interface NumberedEvent {
  /** From 1 on, without gaps. */
  readonly number: number;
  readonly name: string;
  readonly json: string;
}

export interface KeptEvents {
  /** Of each two: what it is, and its output, or its data as JSON. */
  readonly words: readonly string[];
  /** Of each two: when it was, and how many bytes of output as UTF-8. */
  readonly numbers: readonly number[];
}

/** What is kept of each output, and how much of their beginning is not. */
export interface KeptTexts {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly missingBytes: number;
}

/** What an event costs besides its text. */
const EVENT_COST = 100;
const WIDTH = 2;

const isOutput = (what: string | undefined): what is 'stdout' | 'stderr' =>
  what === 'stdout' || what === 'stderr';

interface Growing {
  readonly words: string[];
  readonly numbers: number[];
}

export const addEvent = (
  { words, numbers }: Growing,
  event: ExecEvent,
  textBytes: number,
): void => {
  if (event.name === 'output') words.push(event.data.stream, event.data.text);
  else words.push(event.name, JSON.stringify(event.data));
  numbers.push(event.data.at, textBytes);
};

export const countOf = ({ numbers }: KeptEvents): number => numbers.length / WIDTH;

/** Its place stays, until `eventsFrom` leaves it out. */
export const clearEvent = ({ words }: Growing, index: number): void => {
  words[index * WIDTH + 1] = '';
};

export const eventAt = (
  { words, numbers }: KeptEvents,
  index: number,
  number: number,
): NumberedEvent => {
  const what = words[index * WIDTH] ?? '';
  const text = words[index * WIDTH + 1] ?? '';
  if (!isOutput(what)) return { number, name: what, json: text };
  const data: ExecEventData['output'] = { at: numbers[index * WIDTH] ?? 0, stream: what, text };
  return { number, name: 'output', json: JSON.stringify(data) };
};

/** In bytes of memory: an engine has text of ASCII in a byte a character, and other text in two. */
export const costAt = ({ words, numbers }: KeptEvents, index: number): number => {
  const { length } = words[index * WIDTH + 1] ?? '';
  const isAscii = !isOutput(words[index * WIDTH]) || numbers[index * WIDTH + 1] === length;
  return EVENT_COST + (isAscii ? length : 2 * length);
};

export const costOf = (kept: KeptEvents): number => {
  let cost = 0;
  for (let index = 0; index < countOf(kept); index += 1) cost += costAt(kept, index);
  return cost;
};

/** From this one on. */
export const eventsFrom = ({ words, numbers }: KeptEvents, index: number): Growing => ({
  words: words.slice(index * WIDTH),
  numbers: numbers.slice(index * WIDTH),
});

export const keptTexts = (kept: KeptEvents, givenBytes: number): KeptTexts => {
  const texts = { stdout: new Array<string>(), stderr: new Array<string>() };
  let keptBytes = 0;
  for (let index = 0; index < countOf(kept); index += 1) {
    const what = kept.words[index * WIDTH];
    if (isOutput(what)) texts[what].push(kept.words[index * WIDTH + 1] ?? '');
    keptBytes += kept.numbers[index * WIDTH + 1] ?? 0;
  }
  return { ...texts, missingBytes: Math.max(0, givenBytes - keptBytes) };
};
