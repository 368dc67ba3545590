/**
 * A key by which names sort as people expect, `web-2` before `web-10`, by plain comparison of
 * strings: ten thousand names through a collator took longer than the rest of a list.
 */
export const naturalKey = (name: string): string =>
  name.toLowerCase().replace(/\d+/gu, (digits) => {
    const significant = digits.replace(/^0+(?=\d)/u, '');
    // The 0 keeps numbers where digits stand among other characters; then the longer is greater.
    return `0${String.fromCharCode(0x30 + significant.length)}${significant}`;
  });
