/** Which boot of its machine a line belongs to, where its cursor tells: the journal's, the kernel's. */

const JOURNAL_MARK = ';b=';
const BOOT_CHARACTERS = 32;

export const bootOf = (cursor: string): string | undefined => {
  if (cursor.startsWith('s=')) {
    const at = cursor.indexOf(JOURNAL_MARK);
    if (at === -1) return undefined;
    const start = at + JOURNAL_MARK.length;
    return cursor.slice(start, start + BOOT_CHARACTERS);
  }
  if (!cursor.startsWith('k=')) return undefined;
  const end = cursor.indexOf(';');
  return end === -1 ? undefined : cursor.slice(2, end);
};
