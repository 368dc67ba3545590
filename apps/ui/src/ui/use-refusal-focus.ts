/** After a refusal the focus goes to the first field that is wrong: whoever types need not look for it. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** @param refusal a new object for each refusal, also for the same one again */
export const useRefusalFocus = (refusal: object | undefined): RefObject<HTMLFormElement | null> => {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (refusal === undefined) return;
    const wrong = form.current?.querySelector('[aria-invalid="true"]');
    if (wrong instanceof HTMLElement) wrong.focus();
  }, [refusal]);
  return form;
};
