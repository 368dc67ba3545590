/**
 * The lines in a scrolling box, of which only those in sight have elements. It stays at the end while
 * it follows, and where the reader is while it does not, whatever comes and goes around.
 */
import { makeAnchor } from './anchor.ts';
import { fixedGeometry, topThatKeeps, variableGeometry, type Geometry } from './geometry.ts';
import { makeLinePool } from './line-pool.ts';
import type { LineElement, LineLook } from './line-element.ts';
import type { LogView } from './log-view.ts';
import { LINE_HEIGHT, linesOf, measureLines } from './row-heights.ts';
import { numberOf, type RowPlace } from './row-place.ts';
import type { Row } from './row.ts';

export interface ScrollArea {
  draw(): void;
  setLook(look: LineLook): void;
  /** Brings a line, by its number in the ring, into the middle. */
  reveal(number: number): void;
  /** Numbers of the first and the last line in sight. */
  inSight(): readonly [number, number] | undefined;
  setCurrent(place: RowPlace | undefined): void;
  lineOf(target: EventTarget | null): LineElement | undefined;
  readonly lines: readonly LineElement[];
  stop(): void;
}

export interface ScrollAreaDependencies {
  readonly box: HTMLElement;
  readonly view: LogView;
  readonly look: LineLook;
  /** How many characters of a message fit side by side. */
  readonly columns: () => number;
  /** By the reader; `top` and `rest` are what is above and below, in pixels. */
  readonly onScroll: (top: number, rest: number) => void;
}

const SPARE = 4;
/** After a line turned out higher than guessed. */
const MOST_PASSES = 3;

const makeHolder = (box: HTMLElement) => {
  const sizer = box.ownerDocument.createElement('div');
  const holder = box.ownerDocument.createElement('div');
  sizer.className = 'log-sizer';
  holder.className = 'log-holder';
  sizer.append(holder);
  box.append(sizer);
  return { sizer, holder, pool: makeLinePool(holder) };
};

export const makeScrollArea = (dependencies: ScrollAreaDependencies): ScrollArea => {
  const { box, view, columns, onScroll } = dependencies;
  const { sizer, holder, pool } = makeHolder(box);
  const { ring, index } = view.rows;
  const anchor = makeAnchor(view.rows);
  let { look } = dependencies;
  let isNewLook = true;
  let geometry: Geometry = fixedGeometry(0, LINE_HEIGHT);
  let top = 0;
  let height = box.clientHeight;
  let end = 0;
  let current: RowPlace | undefined;

  const rowAt = (position: number): Row | undefined => {
    const number = index.visible.at(position);
    return number === undefined ? undefined : ring.at(number);
  };
  const measureAll = (): void => {
    const { length } = index.visible;
    const width = look.isWrapped ? columns() : undefined;
    geometry =
      width === undefined
        ? fixedGeometry(length, LINE_HEIGHT)
        : variableGeometry(length, LINE_HEIGHT, (position) => linesOf(rowAt(position), width));
  };
  const lowest = (): number => Math.max(0, geometry.total - height);
  const place = (): void => {
    const isFollowing = view.follow.isFollowing.peek();
    top = isFollowing ? lowest() : Math.min(anchor.top(geometry) ?? top, lowest());
    const first = Math.max(0, geometry.positionAt(top) - SPARE);
    end = Math.min(index.visible.length, geometry.positionAt(top + height) + 1 + SPARE);
    const rows: Row[] = [];
    for (let position = first; position < end; position += 1) {
      const row = rowAt(position);
      if (row !== undefined) rows.push(row);
    }
    sizer.style.height = `${geometry.total}px`;
    holder.style.transform = `translateY(${geometry.top(first)}px)`;
    pool.show(rows, look, isNewLook);
    isNewLook = false;
    if (Math.abs(box.scrollTop - top) >= 1) box.scrollTop = top;
  };
  const mark = (): void => pool.mark(current?.row);
  const draw = (): void => {
    measureAll();
    place();
    for (let pass = 1; look.isWrapped && pass < MOST_PASSES; pass += 1) {
      if (measureLines(pool.lines, columns())) break;
      measureAll();
      place();
    }
    if (view.follow.isFollowing.peek()) anchor.keep(top, geometry);
    mark();
  };

  const onUserScroll = (): void => {
    if (Math.abs(box.scrollTop - top) < 1) return;
    top = box.scrollTop;
    const rest = lowest() - top;
    view.follow.isAway.value = rest > LINE_HEIGHT || view.moment !== undefined;
    anchor.keep(top, geometry);
    view.touch();
    onScroll(top, rest);
  };
  /** At once, before the next lines would carry the reader away. */
  const onWheel = ({ deltaY }: WheelEvent): void => {
    if (deltaY >= 0) return;
    if (geometry.total > height) view.follow.isAway.value = true;
    if (top === 0) onScroll(0, lowest());
  };
  const size = new ResizeObserver(() => {
    const before = height;
    height = box.clientHeight;
    const number = current === undefined ? undefined : numberOf(ring, current);
    if (number !== undefined && !view.follow.isFollowing.peek()) {
      const position = index.visible.positionOf(number);
      top = topThatKeeps(geometry, position, top, { before, now: height });
      anchor.keep(top, geometry);
    }
    view.touch();
  });
  box.addEventListener('scroll', onUserScroll, { passive: true });
  box.addEventListener('wheel', onWheel, { passive: true });
  size.observe(box);

  return {
    draw,
    lines: pool.lines,
    setLook: (changed) => {
      look = changed;
      isNewLook = true;
      view.touch();
    },
    reveal: (number) => {
      view.follow.isAway.value = true;
      index.sync();
      measureAll();
      const middle = geometry.top(index.visible.positionOf(number)) - height / 2 + LINE_HEIGHT;
      top = Math.max(0, Math.min(lowest(), middle));
      anchor.keep(top, geometry);
      draw();
    },
    inSight: () => {
      const first = index.visible.at(geometry.positionAt(top));
      const last = index.visible.at(Math.min(end - 1, geometry.positionAt(top + height)));
      return first === undefined || last === undefined ? undefined : [first, last];
    },
    setCurrent: (chosen) => {
      current = chosen;
      mark();
    },
    lineOf: (target) =>
      target instanceof Node
        ? pool.lines.find(({ element }) => element.contains(target))
        : undefined,
    stop: () => {
      box.removeEventListener('scroll', onUserScroll);
      box.removeEventListener('wheel', onWheel);
      size.disconnect();
      sizer.remove();
    },
  };
};
