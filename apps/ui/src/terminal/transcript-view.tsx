/**
 * The lines of a transcript in a scrolling box, of which only those in sight have elements. It follows
 * the end, until somebody scrolls up or selects text.
 */
import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatCount } from '../format/count.ts';
import type { Piece } from './hostile-text.ts';
import { lineText, type Transcript, type TranscriptLine } from './transcript.ts';
import './colours.css';
import './transcript.css';

const LINE_HEIGHT = 18;
const SPARE = 6;
/** A guest may change the colour at every character: beyond so many changes the rest is plain. */
const MOST_PIECES = 120;
const KINDS = { stdout: '', stderr: 'error output: ', note: '' } as const;

const piecesOf = (pieces: readonly Piece[]): readonly Piece[] => {
  if (pieces.length <= MOST_PIECES) return pieces;
  const rest = pieces.slice(MOST_PIECES).map(({ text }) => text);
  return [...pieces.slice(0, MOST_PIECES), { text: rest.join(''), className: '' }];
};

const Line = ({
  line: { kind, pieces, at },
  title,
}: {
  readonly line: TranscriptLine;
  readonly title: (at: number) => string;
}): JSX.Element => (
  <div class="term-line" data-kind={kind} title={title(at)}>
    {KINDS[kind] === '' ? null : <span class="visually-hidden">{KINDS[kind]}</span>}
    {piecesOf(pieces).map(({ text, className }, index) =>
      className === '' ? (
        text
      ) : (
        <span key={index} class={className}>
          {text}
        </span>
      ),
    )}
  </div>
);

const isSelectedIn = (box: HTMLElement): boolean => {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && box.contains(selection.anchorNode);
};

export const TranscriptView = ({
  transcript,
  tick,
  label,
  empty,
  lineTitle,
}: {
  readonly transcript: Transcript;
  /** Changes when lines have come. */
  readonly tick: ReadonlySignal<number>;
  readonly label: string;
  /** Said while there is no line. */
  readonly empty: string;
  readonly lineTitle: (at: number) => string;
}): JSX.Element => {
  void tick.value;
  const box = useRef<HTMLDivElement>(null);
  const isAway = useRef(false);
  const [view, setView] = useState({ top: 0, height: 400 });
  const { first, end } = transcript.lines;
  const count = end - first;
  const total = count * LINE_HEIGHT;
  const lowest = Math.max(0, total - view.height);
  const top = isAway.current ? Math.min(view.top, lowest) : lowest;
  const from = first + Math.max(0, Math.floor(top / LINE_HEIGHT) - SPARE);
  const to = Math.min(end, first + Math.ceil((top + view.height) / LINE_HEIGHT) + SPARE);

  // The reader stays with the same lines while older ones go.
  const seenFirst = useRef(first);
  useLayoutEffect(() => {
    const { current } = box;
    const went = first - seenFirst.current;
    seenFirst.current = first;
    if (current === null) return;
    if (!isAway.current) current.scrollTop = current.scrollHeight;
    else if (went > 0) current.scrollTop -= went * LINE_HEIGHT;
  });
  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => {
      setView((before) => ({ ...before, height: current.clientHeight }));
    });
    observer.observe(current);
    const onSelection = (): void => {
      if (isSelectedIn(current)) isAway.current = true;
    };
    document.addEventListener('selectionchange', onSelection);
    return () => {
      observer.disconnect();
      document.removeEventListener('selectionchange', onSelection);
    };
  }, []);
  const onScroll = (): void => {
    const { current } = box;
    if (current === null) return;
    const rest = current.scrollHeight - current.clientHeight - current.scrollTop;
    isAway.current = rest > LINE_HEIGHT || isSelectedIn(current);
    setView({ top: current.scrollTop, height: current.clientHeight });
  };
  const goToEnd = (): void => {
    document.getSelection()?.removeAllRanges();
    isAway.current = false;
    setView((before) => ({ ...before, top: lowest }));
  };
  const onCopy = (event: ClipboardEvent): void => {
    const range = document.getSelection()?.getRangeAt(0);
    const rows = [...(box.current?.querySelectorAll('.term-line') ?? [])];
    const texts = rows.flatMap((row, index) => {
      const line = transcript.lines.at(from + index);
      return line !== undefined && range?.intersectsNode(row) === true ? [lineText(line)] : [];
    });
    // Part of one line is copied as the browser does it.
    if (texts.length < 2) return;
    event.clipboardData?.setData('text/plain', texts.join('\n'));
    event.preventDefault();
  };

  const shown: JSX.Element[] = [];
  for (let number = from; number < to; number += 1) {
    const line = transcript.lines.at(number);
    if (line !== undefined) shown.push(<Line key={number} line={line} title={lineTitle} />);
  }
  return (
    <div class="term">
      <div
        ref={box}
        class="term-box"
        role="log"
        aria-label={label}
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
        onCopy={onCopy}
      >
        {count === 0 ? <p class="term-empty">{empty}</p> : null}
        <div class="term-sizer" style={{ height: `${total}px` }}>
          <div
            class="term-holder"
            style={{ transform: `translateY(${(from - first) * LINE_HEIGHT}px)` }}
          >
            {shown}
          </div>
        </div>
      </div>
      {isAway.current && lowest - top > LINE_HEIGHT ? (
        <button type="button" class="term-jump" onClick={goToEnd}>
          Jump to the end, {formatCount(Math.round((lowest - top) / LINE_HEIGHT))} lines below
        </button>
      ) : null}
    </div>
  );
};
