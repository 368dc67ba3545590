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

/**
 * `longest` says what this request may have where that is more than `shortBytes`. Long ones together
 * have at most `togetherBytes`, where one alone does not have more.
 */
export const makeBodyRooms = (
  shortBytes: number,
  longest: (head: RequestHead) => number | undefined = () => undefined,
  togetherBytes = Infinity,
): MakeBodyRoom => {
  let taken = 0;
  let takenBytes = 0;
  return (head) => {
    const { framing } = head;
    const isShort =
      framing.kind === 'none' || (framing.kind === 'length' && framing.length <= shortBytes);
    const maxBytes = isShort ? shortBytes : (longest(head) ?? shortBytes);
    if (maxBytes <= shortBytes) {
      return { ok: true, maxBytes: shortBytes, release: NOTHING_TO_RELEASE };
    }
    const bytes = framing.kind === 'length' ? Math.min(framing.length, maxBytes) : maxBytes;
    if (taken >= MAX_LONG_BODIES || (taken > 0 && takenBytes + bytes > togetherBytes)) {
      const message = `${taken} ${taken === 1 ? 'request with a long body is' : 'requests with long bodies are'} under way`;
      return { ok: false, refusal: { status: 429, code: 'busy', message } };
    }
    taken += 1;
    takenBytes += bytes;
    let isReleased = false;
    return {
      ok: true,
      maxBytes,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        taken -= 1;
        takenBytes -= bytes;
      },
    };
  };
};
