/** Keys of the page: they act while nobody is typing, and never with a modifier. */
import { useEffect, useRef } from 'preact/hooks';
import { makeKeySequence } from './key-sequence.ts';

/** By key, `j`, or by two in a row, `g f`. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/u.test(target.tagName));

/** Enter or Space on a link or a button is for that one, whatever the page does with the key. */
const isActivating = ({ key, target }: KeyboardEvent): boolean =>
  (key === 'Enter' || key === ' ') &&
  target instanceof Element &&
  target.closest('a, button, summary') !== null;

const isModified = (event: KeyboardEvent): boolean =>
  event.ctrlKey || event.metaKey || event.altKey;

/** @param isFirst before what surrounds the page, which has keys of its own */
export const useShortcuts = (shortcuts: Shortcuts, { isFirst = false } = {}): void => {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  useEffect(() => {
    const sequence = makeKeySequence(() => Object.keys(current.current));
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isModified(event) || isTyping(event.target)) return;
      if (isActivating(event)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      const pressed = sequence.press(event.key, event.timeStamp);
      const act = pressed === undefined ? undefined : current.current[pressed];
      if (act === undefined) return;
      event.preventDefault();
      act(event);
    };
    document.addEventListener('keydown', onKey, isFirst);
    return () => document.removeEventListener('keydown', onKey, isFirst);
  }, [isFirst]);
};
