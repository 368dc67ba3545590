/**
 * The element of one line. It is made once and then filled again and again: only what differs is
 * written, and text from a guest is only ever text.
 */
import { cutAtMatches, rangesOf } from './matches.ts';
import { cutOf, SHOW_ALL, sightLength, type Cut } from './line-cut.ts';
import { noteText } from './log-words.ts';
import { shownOf, viewLevel, type LineRow, type Row } from './row.ts';
import { showText } from '../terminal/hostile-text.ts';

export interface LineLook {
  readonly matcher: RegExp | undefined;
  readonly isWrapped: boolean;
  time(ms: number): string;
  /** Undefined where there is only one VM. */
  vmName: ((stream: number) => string) | undefined;
}

export interface LineElement {
  readonly element: HTMLElement;
  row: Row | undefined;
  fill(row: Row, look: LineLook): void;
  setCurrent(isCurrent: boolean): void;
}

const COLOURS = 5;

const part = (document: Document, className: string): readonly [HTMLElement, Text] => {
  const element = document.createElement('span');
  const text = document.createTextNode('');
  element.className = className;
  element.append(text);
  return [element, text];
};

const setText = (node: Text, text: string): void => {
  if (node.data !== text) node.data = text;
};

/** A click on it does what one on the line does: it opens the details, which have all of it. */
const makeCutNote = (document: Document, { note, hasMore }: Cut): HTMLElement => {
  const more = document.createElement('span');
  more.className = 'log-more';
  more.textContent = note;
  if (!hasMore) return more;
  const all = document.createElement('span');
  all.className = 'log-show-all';
  all.textContent = SHOW_ALL;
  more.append(all);
  return more;
};

/** One line stays one line: where another begins is shown instead. */
const flat = (text: string, isWrapped: boolean): string =>
  isWrapped || !text.includes('\n') ? text : text.replaceAll('\n', '↵');

export const makeLineElement = (document: Document): LineElement => {
  const element = document.createElement('div');
  const [time, timeText] = part(document, 'log-time');
  const [vm, vmText] = part(document, 'log-vm');
  const [unit, unitText] = part(document, 'log-unit');
  const [message, messageText] = part(document, 'log-text');
  element.append(time, vm, unit, message);
  let isPlain = true;

  const plain = (text: string): void => {
    if (!isPlain) message.replaceChildren(messageText);
    isPlain = true;
    setText(messageText, text);
  };
  const fillMessage = (row: LineRow, { matcher, isWrapped }: LineLook): void => {
    const shown = shownOf(row);
    const most = sightLength(shown.plain, isWrapped);
    const cut = cutOf(row, isWrapped);
    const ranges = rangesOf(matcher, shown.plain.slice(0, most));
    if (ranges.length === 0 && shown.pieces === undefined && cut === undefined) {
      plain(flat(shown.plain, isWrapped));
      return;
    }
    isPlain = false;
    message.replaceChildren(
      ...cutAtMatches(shown, ranges, most).map((segment) => {
        const text = flat(segment.text, isWrapped);
        if (!segment.isMatch && segment.className === '') return document.createTextNode(text);
        const child = document.createElement(segment.isMatch ? 'mark' : 'span');
        child.className = segment.className;
        child.textContent = text;
        return child;
      }),
    );
    if (cut !== undefined) message.append(makeCutNote(document, cut));
  };
  const fillVm = (row: Row, { vmName }: LineLook): void => {
    const isOne = vmName === undefined;
    if (vm.hidden !== isOne) vm.hidden = isOne;
    if (vmName === undefined) return;
    setText(vmText, vmName(row.stream));
    vm.dataset['colour'] = String(row.stream % COLOURS);
  };

  /** Written only where it differs: each write makes the browser look at the styles again. */
  let kind = '';
  const setKind = (changed: string): void => {
    if (changed === kind) return;
    kind = changed;
    element.className = changed === 'note' ? 'log-line log-note' : 'log-line';
    element.dataset['level'] = changed;
  };
  let stream = '';
  const setStream = (changed = ''): void => {
    if (changed === stream) return;
    stream = changed;
    element.dataset['stream'] = changed;
  };

  const line: LineElement = {
    element,
    row: undefined,
    setCurrent: (isCurrent) => element.toggleAttribute('data-current', isCurrent),
    fill: (row, look) => {
      line.row = row;
      fillVm(row, look);
      if (row.kind === 'note') {
        setKind('note');
        setStream();
        setText(timeText, '');
        setText(unitText, '');
        plain(noteText(row.note));
        return;
      }
      const { event } = row;
      setKind(viewLevel(event.level));
      setStream(event.stream);
      setText(timeText, event.timestamp === null ? '–' : look.time(event.timestamp));
      setText(unitText, flat(showText(event.target).plain, false));
      fillMessage(row, look);
    },
  };
  return line;
};
