/** Which lines of a long list are in sight, by the scroll position of the page. */
import type { RefObject } from 'preact';
import { useCallback, useLayoutEffect, useState } from 'preact/hooks';

export interface WindowOfLines {
  readonly first: number;
  /** One past the last. */
  readonly last: number;
  /** As many as there ever are: a line may take the element of the one that is so far away. */
  readonly pool: number;
  readonly lineHeight: number;
  /** Scrolls just as far as it takes. */
  readonly reveal: (index: number) => void;
}

/** Drawn beyond the edges, so that a quick scroll does not show white. */
const SPARE = 6;
const PHONE = '(max-width: 760px)';
const LINE_HEIGHT = 32;
const PHONE_LINE_HEIGHT = 40;
const TOP_BAR = 48;
/** Before anything is measured. */
const FIRST = 20;
const FOOT = 26;

export const useWindow = (body: RefObject<HTMLElement | null>, count: number): WindowOfLines => {
  const [range, setRange] = useState({ first: 0, last: FIRST, pool: FIRST });
  const [lineHeight, setLineHeight] = useState(LINE_HEIGHT);
  useLayoutEffect(() => {
    const phone = window.matchMedia(PHONE);
    const measure = (): void => {
      const height = phone.matches ? PHONE_LINE_HEIGHT : LINE_HEIGHT;
      setLineHeight(height);
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const size = Math.ceil(window.innerHeight / height) + 2 * SPARE;
      const first = Math.max(0, Math.min(count - size, Math.floor(-top / height) - SPARE));
      // What is above the lines takes room of theirs.
      const seen = Math.max(0, Math.ceil((window.innerHeight - top) / height));
      const last = Math.max(first + SPARE, Math.min(first + size, seen + SPARE));
      setRange((before) =>
        before.first === first && before.last === last && before.pool === size
          ? before
          : { first, last, pool: size },
      );
    };
    measure();
    window.addEventListener('scroll', measure, { passive: true });
    window.addEventListener('resize', measure);
    // What is above has grown or shrunk.
    const size = new ResizeObserver(measure);
    size.observe(document.body);
    return () => {
      window.removeEventListener('scroll', measure);
      window.removeEventListener('resize', measure);
      size.disconnect();
    };
  }, [body, count]);
  const reveal = useCallback(
    (index: number) => {
      const top = (body.current?.getBoundingClientRect().top ?? 0) + index * lineHeight;
      const above = top - TOP_BAR - lineHeight;
      const below = top + lineHeight + FOOT - window.innerHeight;
      if (above < 0) window.scrollBy(0, above);
      else if (below > 0) window.scrollBy(0, below);
    },
    [body, lineHeight],
  );
  return { ...range, last: Math.min(range.last, Math.max(count, 1)), lineHeight, reveal };
};
