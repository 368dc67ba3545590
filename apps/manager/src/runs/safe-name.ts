/** Names of files out of names of VMs and commands, which may be anything: `../../etc`, `-rf`, `CON`. */

const MAX_NAME = 60;

/** Letters, digits, `-`, `_` and single dots within; never empty, hidden, or a way up. */
export const safeName = (name: string): string => {
  const safe = name
    .replaceAll(/[^A-Za-z0-9._-]+/gu, '-')
    .replaceAll(/\.{2,}/gu, '.')
    .replace(/^[.-]+/u, '')
    .slice(0, MAX_NAME)
    .replace(/[.-]+$/u, '');
  return safe === '' ? 'unnamed' : safe;
};
