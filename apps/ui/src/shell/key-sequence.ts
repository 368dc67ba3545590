/** Keys one after the other: `g f`. A prefix waits a moment for the rest. */

const WAIT_MS = 1_200;

export interface KeySequence {
  /** What was pressed, as it stands in a table of shortcuts: `f`, or `g f`; undefined: to be continued. */
  press(key: string, at: number): string | undefined;
}

/** @param known the shortcuts there are */
export const makeKeySequence = (known: () => readonly string[]): KeySequence => {
  let prefix: string | undefined;
  let pressedAt = 0;
  return {
    press: (key, at) => {
      const keys = known();
      const sequence =
        prefix !== undefined && at - pressedAt <= WAIT_MS ? `${prefix} ${key}` : undefined;
      prefix = undefined;
      if (sequence !== undefined && keys.includes(sequence)) return sequence;
      if (!keys.some((name) => name.startsWith(`${key} `))) return key;
      prefix = key;
      pressedAt = at;
      return undefined;
    },
  };
};
