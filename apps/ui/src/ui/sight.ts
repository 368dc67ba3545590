/** Which small charts are in sight: those that are not need not be painted. One observer for all. */

export interface Sight {
  isIn(element: Element): boolean;
  /** Calls when it comes into sight, until the answer is called. */
  watch(element: Element, onEnter: () => void): () => void;
}

/** A little around, so that a slow scroll shows nothing old. */
const MARGIN = '64px';

export const makeSight = (window: Window & typeof globalThis): Sight => {
  const seen = new Set<Element>();
  const watchers = new Map<Element, () => void>();
  const observer = new window.IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const onEnter = watchers.get(target);
        if (onEnter === undefined) continue;
        if (isIntersecting) {
          seen.add(target);
          onEnter();
        } else {
          seen.delete(target);
        }
      }
    },
    { rootMargin: MARGIN },
  );
  return {
    isIn: (element) => seen.has(element),
    watch: (element, onEnter) => {
      watchers.set(element, onEnter);
      observer.observe(element);
      return () => {
        observer.unobserve(element);
        watchers.delete(element);
        seen.delete(element);
      };
    },
  };
};
