/**
 * A name for a VM out of its VMM's command line. Whoever starts a VMM writes what they like there,
 * and the name ends up in lists, logs and terminals.
 */
import type { VmmProcess } from '@innkeeper/protocol';

const MAX_NAME = 128;
/** Firecracker's id where none was given. */
const NO_NAMES: ReadonlySet<string> = new Set(['anonymous-instance']);

/** Control characters, what turns the direction of text around or is not seen, half characters. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const clean = (text: string | null): string =>
  (text ?? '')
    .replace(INVISIBLE, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, MAX_NAME)
    // Half of a character at the cut.
    .replace(/[\ud800-\udbff]$/u, '')
    .trim();

export const nameOfVmm = ({
  name,
  id,
  kind,
  pid,
}: Pick<VmmProcess, 'name' | 'id' | 'kind' | 'pid'>): string => {
  const usable = [clean(name), clean(id)].find((text) => text !== '' && !NO_NAMES.has(text));
  return usable ?? `${kind}-${pid}`;
};
