/** A name like the wanted one that nobody has yet: `web`, `web-2`, `web-3`. */

const MAX_NAME = 128;
const MAX_NUMBER = 1000;

export const freeName = (
  wanted: string,
  isTaken: (name: string) => boolean,
): string | undefined => {
  if (!isTaken(wanted)) return wanted;
  for (let number = 2; number <= MAX_NUMBER; number += 1) {
    const suffix = `-${number}`;
    // Without half of a character at the cut.
    const start = wanted.slice(0, MAX_NAME - suffix.length).replace(/[\ud800-\udbff]$/u, '');
    const name = `${start}${suffix}`;
    if (!isTaken(name)) return name;
  }
  return undefined;
};
