/** The name of a downloaded file: a VM may be called anything, a file may not. */

const MAX_NAME = 60;

const moment = (at: number): string =>
  new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/gu, '');

export const downloadName = (
  vmName: string,
  { since, until }: { readonly since: number; readonly until: number },
  extension: string,
): string => {
  const safe = vmName
    .replaceAll(/[^A-Za-z0-9._-]+/gu, '-')
    .replace(/^[.-]+/u, '')
    .slice(0, MAX_NAME);
  const name = safe === '' ? 'vm' : safe;
  const from = since === 0 ? 'all' : moment(since);
  return `${name}-logs-${from}-${moment(until)}.${extension}`;
};
