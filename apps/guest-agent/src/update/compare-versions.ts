/** Which of two versions is the later one: https://semver.org, as far as releases of agents need it. */

const VERSION =
  /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([\dA-Za-z.-]{1,64}))?(?:\+[\dA-Za-z.-]{1,64})?$/u;

const compareParts = (one: string, other: string): number => {
  const numbers = [/^\d{1,9}$/u.test(one), /^\d{1,9}$/u.test(other)];
  if (numbers[0] === true && numbers[1] === true) return Math.sign(Number(one) - Number(other));
  // A number is before a word.
  if (numbers[0] !== numbers[1]) return numbers[0] === true ? -1 : 1;
  if (one === other) return 0;
  return one < other ? -1 : 1;
};

const comparePreReleases = (one: string | undefined, other: string | undefined): number => {
  if (one === other) return 0;
  // 1.0.0-rc.1 is before 1.0.0.
  if (one === undefined) return 1;
  if (other === undefined) return -1;
  const [left, right] = [one.split('.'), other.split('.')];
  for (const [index, part] of left.entries()) {
    const against = right[index];
    if (against === undefined) return 1;
    const order = compareParts(part, against);
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
};

/** Below 0: `one` is the earlier one. Undefined: one of them is no version. */
export const compareVersions = (one: string, other: string): number | undefined => {
  const [left, right] = [VERSION.exec(one), VERSION.exec(other)];
  if (left === null || right === null) return undefined;
  for (const part of [1, 2, 3]) {
    const order = Math.sign(Number(left[part]) - Number(right[part]));
    if (order !== 0) return order;
  }
  return comparePreReleases(left[4], right[4]);
};
