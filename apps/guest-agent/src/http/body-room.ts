/**
 * How long the body of a request may be, decided when its head is known. Short ones are read before
 * anybody knows who asks. A long one is read only where its token holds, and few at once, because
 * each is kept in memory as a whole.
 */
import type { Refusal } from './message.ts';
import type { RequestHead } from './request-head.ts';

export type BodyRoom =
  | { readonly ok: true; readonly maxBytes: number; readonly release: () => void }
  | { readonly ok: false; readonly refusal: Refusal };

export type MakeBodyRoom = (head: RequestHead) => BodyRoom;

const MAX_LONG_BODIES = 4;

const NOTHING_TO_RELEASE = (): void => undefined;

/** `longest` says what this request may have where that is more than `shortBytes`. */
export const makeBodyRooms = (
  shortBytes: number,
  longest: (head: RequestHead) => number | undefined = () => undefined,
): MakeBodyRoom => {
  let taken = 0;
  return (head) => {
    const { framing } = head;
    const isShort =
      framing.kind === 'none' || (framing.kind === 'length' && framing.length <= shortBytes);
    const maxBytes = isShort ? shortBytes : (longest(head) ?? shortBytes);
    if (maxBytes <= shortBytes) {
      return { ok: true, maxBytes: shortBytes, release: NOTHING_TO_RELEASE };
    }
    if (taken >= MAX_LONG_BODIES) {
      const message = `${MAX_LONG_BODIES} requests with long bodies are under way`;
      return { ok: false, refusal: { status: 429, code: 'busy', message } };
    }
    taken += 1;
    let isReleased = false;
    return {
      ok: true,
      maxBytes,
      release: () => {
        if (!isReleased) taken -= 1;
        isReleased = true;
      },
    };
  };
};
