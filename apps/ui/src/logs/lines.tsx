/** The box with the lines, and over it the way back to live. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { copyText } from '../ui/copy-text.ts';
import { lineText } from './copy-text.ts';
import { JumpPill } from './jump-pill.tsx';
import { makeLineTime } from './line-time.ts';
import type { LineLook } from './line-element.ts';
import { useLogModel, type LogModel } from './log-model.ts';
import { LogEmpty } from './log-empty.tsx';
import { numberOf } from './row-place.ts';
import { makeScrollArea } from './scroll-area.ts';
import { SightDate } from './sight-date.tsx';
import './lines.css';

/** Pixels from an end at which more is fetched. */
const NEAR_END = 200;
const PROBE = 100;

/** The width of a character, of which all are alike. */
const characterWidth = (box: HTMLElement): number => {
  const probe = document.createElement('span');
  probe.className = 'log-probe';
  probe.textContent = '0'.repeat(PROBE);
  box.append(probe);
  const width = probe.getBoundingClientRect().width / PROBE;
  probe.remove();
  return Math.max(1, width);
};

const makeColumns = (box: HTMLElement): { columns: () => number; stop: () => void } => {
  let known: number | undefined;
  const observer = new ResizeObserver(() => {
    known = undefined;
  });
  observer.observe(box);
  return {
    columns: () => {
      // Asked in each frame; an answer that has to be measured lays the page out once more.
      if (known !== undefined) return known;
      const text = box.querySelector('.log-text');
      const width = text instanceof HTMLElement ? text.clientWidth : box.clientWidth;
      const fitting = Math.max(10, Math.floor(width / characterWidth(box)));
      if (text !== null) known = fitting;
      return fitting;
    },
    stop: () => observer.disconnect(),
  };
};

/** What is copied of several lines is lines, not the cells of a grid. */
const onCopy = (model: LogModel, event: ClipboardEvent): void => {
  const area = model.area.peek();
  const range = window.getSelection()?.getRangeAt(0);
  if (area === undefined || range === undefined) return;
  const first = area.lineOf(range.startContainer);
  const last = area.lineOf(range.endContainer);
  if (first === undefined || first === last) return;
  const rows = area.lines.filter(({ element }) => range.intersectsNode(element));
  const vmName = model.view.vmIds.length > 1 ? model.nameOf : undefined;
  const text = rows
    .flatMap(({ row }) => (row?.kind === 'line' ? [lineText(row, vmName)] : []))
    .join('\n');
  event.clipboardData?.setData('text/plain', text);
  event.preventDefault();
};

/** Text that is selected would be lost when its line moves on. */
const useSelectionHold = (
  { view }: LogModel,
  box: { readonly current: HTMLElement | null },
): void => {
  useEffect(() => {
    const onSelection = (): void => {
      const selection = document.getSelection();
      view.follow.isSelecting.value =
        selection !== null &&
        !selection.isCollapsed &&
        box.current?.contains(selection.anchorNode) === true;
    };
    document.addEventListener('selectionchange', onSelection);
    return () => document.removeEventListener('selectionchange', onSelection);
  }, [view]);
};

export const Lines = ({ look }: { readonly look: Omit<LineLook, 'time'> }): JSX.Element => {
  const { time } = useApp();
  const model = useLogModel();
  const { view, settings, area } = model;
  const box = useRef<HTMLDivElement>(null);
  const lineTime = useRef<((ms: number) => string) | undefined>(undefined);
  lineTime.current ??= makeLineTime(time);
  const fullLook: LineLook = { ...look, time: lineTime.current };

  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const { columns, stop } = makeColumns(current);
    const made = makeScrollArea({
      box: current,
      view,
      look: fullLook,
      columns,
      onScroll: (top, rest) => {
        if (top < NEAR_END) void view.earlier();
        if (rest < NEAR_END) void view.later();
      },
    });
    area.value = made;
    const end = view.tick.subscribe(() => made.draw());
    return () => {
      end();
      stop();
      made.stop();
      area.value = undefined;
    };
  }, [view]);
  const { matcher, isWrapped } = look;
  useEffect(() => area.peek()?.setLook(fullLook), [view, matcher, isWrapped, look.vmName]);
  useSelectionHold(model, box);

  const hold = (isHeld: boolean): void => {
    view.follow.isHeld.value = isHeld && settings.values.peek().holdUnderPointer;
  };
  const onClick = (event: MouseEvent): void => {
    if (document.getSelection()?.isCollapsed === false) return;
    const row = area.peek()?.lineOf(event.target)?.row;
    if (row?.kind !== 'line') return;
    const [first = 0] = area.peek()?.inSight() ?? [];
    const number = numberOf(view.rows.ring, { row, number: first });
    if (number !== undefined) model.choose(number, { open: true });
  };
  return (
    <div class="log-term" data-wrap={isWrapped}>
      <div
        ref={box}
        class="log-box"
        role="log"
        aria-label="Log lines"
        aria-live="off"
        tabIndex={0}
        onClick={onClick}
        onCopy={(event) => onCopy(model, event)}
        onPointerEnter={(event) => hold(event.pointerType === 'mouse')}
        onPointerLeave={() => hold(false)}
      />
      <SightDate />
      <LogEmpty />
      <JumpPill />
    </div>
  );
};

/** @returns what was done, as words */
export const copyLines = async (
  { view, area, nameOf }: LogModel,
  which: 'in sight' | 'all',
): Promise<string> => {
  const { ring, index } = view.rows;
  const [first, last] = (which === 'in sight' ? area.peek()?.inSight() : undefined) ?? [
    ring.first,
    ring.end,
  ];
  const vmName = view.vmIds.length > 1 ? nameOf : undefined;
  const lines: string[] = [];
  const { visible } = index;
  for (let position = visible.positionOf(first); position < visible.length; position += 1) {
    const number = visible.at(position) ?? ring.end;
    if (number > last) break;
    const row = ring.at(number);
    if (row?.kind === 'line') lines.push(lineText(row, vmName));
  }
  return (await copyText(lines.join('\n')))
    ? `${formatCount(lines.length)} lines copied`
    : 'The browser forbids copying here: download instead';
};
