/**
 * Puts text on the clipboard. Browsers give its API only to pages over https or loopback; on any other
 * page the old command still works, from within a click.
 */

const copyByCommand = (text: string): boolean => {
  let isTaken = false;
  const onCopy = (event: ClipboardEvent): void => {
    // Before those of parts of the page that copy what is selected in them.
    event.stopImmediatePropagation();
    event.preventDefault();
    event.clipboardData?.setData('text/plain', text);
    isTaken = event.clipboardData !== null;
  };
  document.addEventListener('copy', onCopy, { capture: true });
  try {
    // There is no other way without https, and every browser has it.
    // oxlint-disable-next-line typescript/no-deprecated
    return document.execCommand('copy') && isTaken;
  } finally {
    document.removeEventListener('copy', onCopy, { capture: true });
  }
};

export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
};
