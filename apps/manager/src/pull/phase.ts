/**
 * Where in the interval a target is pulled: always at the same place, and the targets evenly over
 * it, so that neither the manager nor the network has a busy moment.
 */

/** FNV-1a, then mixed once more (MurmurHash3's last step): ids that count up differ in few bits. */
const hashOf = (id: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

export const slotOf = (id: string, slots: number): number => hashOf(id) % slots;

/** Wider slots wake the process up less often; with these, 1,000 guests a second are 100 at a time. */
const SLOT_MS = 100;

export interface Slots {
  readonly count: number;
  readonly ms: number;
}

/** Whole slots: an interval that is no multiple of 100 ms has slightly longer ones. */
export const slotsOf = (intervalMs: number): Slots => {
  const count = Math.max(1, Math.floor(intervalMs / SLOT_MS));
  return { count, ms: intervalMs / count };
};
