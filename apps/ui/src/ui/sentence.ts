/** What the manager says, made a sentence that others can follow. */
export const asSentence = (text: string): string => {
  const trimmed = text.trim();
  return trimmed === '' || /[.!?…]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
};
