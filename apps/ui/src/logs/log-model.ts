/** One viewer on the page: its lines, what is chosen among them, and what acts on them. */
import { signal, type Signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { LogSettings } from './log-settings.ts';
import type { LogView } from './log-view.ts';
import { numberOf, type RowPlace } from './row-place.ts';
import type { ScrollArea } from './scroll-area.ts';

export interface LogModel {
  readonly view: LogView;
  readonly settings: LogSettings;
  readonly nameOf: (stream: number) => string;
  /** The line that is looked at; undefined: none. */
  readonly current: Signal<RowPlace | undefined>;
  readonly isOpen: Signal<boolean>;
  /** For those who do not see what has just happened. */
  readonly said: Signal<string>;
  readonly area: Signal<ScrollArea | undefined>;
  readonly choose: (number: number, options?: { readonly open?: boolean }) => void;
  readonly goToTime: (at: number) => void;
  /** The next line that matches, or the one before; after the last comes the first. */
  readonly goToMatch: (step: 1 | -1) => void;
  readonly step: (by: 1 | -1) => void;
  readonly close: () => void;
  /** Among the matches, from 1 on. */
  readonly matchNumber: Signal<number | undefined>;
}

export const makeLogModel = (
  view: LogView,
  settings: LogSettings,
  nameOf: (stream: number) => string,
): LogModel => {
  const current = signal<RowPlace | undefined>(undefined);
  const isOpen = signal(false);
  const said = signal('');
  const area = signal<ScrollArea | undefined>(undefined);
  const matchNumber = signal<number | undefined>(undefined);
  const { ring, index } = view.rows;

  const say = (number: number): void => {
    const row = ring.at(number);
    if (row?.kind !== 'line') return;
    const { level, target, message } = row.event;
    said.value = `${level}, ${target}: ${message.slice(0, 200)}`;
  };
  /** Undefined also where it has gone to make room. */
  const currentNumber = (): number | undefined => {
    const place = current.peek();
    return place === undefined ? undefined : numberOf(ring, place);
  };
  const choose: LogModel['choose'] = (number, { open = false } = {}) => {
    const row = ring.at(number);
    current.value = row === undefined ? undefined : { row, number };
    area.peek()?.setCurrent(current.peek());
    if (!open) return;
    view.follow.isAway.value = true;
    isOpen.value = true;
  };
  const show = (number: number | undefined): void => {
    if (number === undefined) return;
    choose(number);
    area.peek()?.reveal(number);
    say(number);
  };
  return {
    view,
    settings,
    nameOf,
    current,
    isOpen,
    said,
    area,
    matchNumber,
    choose,
    goToTime: (at) => {
      const { visible } = index;
      let low = 0;
      let high = visible.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((ring.at(visible.at(middle) ?? ring.end)?.at ?? at) < at) low = middle + 1;
        else high = middle;
      }
      show(visible.at(Math.min(low, visible.length - 1)));
    },
    goToMatch: (step) => {
      const { matches } = index;
      if (matches.length === 0) return;
      const [first, last] = area.peek()?.inSight() ?? [ring.first, ring.end];
      const from = currentNumber() ?? (step === 1 ? first - 1 : last + 1);
      const at = step === 1 ? matches.positionOf(from + 1) : matches.positionOf(from) - 1;
      const position = (at + matches.length) % matches.length;
      matchNumber.value = position + 1;
      show(matches.at(position));
    },
    step: (by) => {
      const { visible } = index;
      const [first] = area.peek()?.inSight() ?? [ring.first];
      const before = currentNumber();
      const at = before === undefined ? visible.positionOf(first) : visible.positionOf(before) + by;
      const number = visible.at(Math.max(0, Math.min(visible.length - 1, at)));
      if (number === undefined) return;
      const [low, high] = area.peek()?.inSight() ?? [number, number];
      if (number > low && number < high) {
        choose(number);
        view.follow.isAway.value = true;
        say(number);
      } else show(number);
    },
    close: () => {
      if (isOpen.peek()) isOpen.value = false;
      else {
        current.value = undefined;
        matchNumber.value = undefined;
        area.peek()?.setCurrent(undefined);
      }
    },
  };
};

export const LogContext = createContext<LogModel | undefined>(undefined);

export const useLogModel = (): LogModel => {
  const model = useContext(LogContext);
  if (model === undefined) throw new Error('a part of the viewer is outside of its context');
  return model;
};
