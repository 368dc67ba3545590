/** What a VMM that nobody registered is called, until somebody says better. */
import type { FoundVmm } from '@innkeeper/protocol';

/** Firecracker's id where none was given. */
const NO_NAME = 'anonymous-instance';
const MAX_NAME = 128;
/** Control characters, and what turns the direction of text around or cannot be seen. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const clean = (text: string | null): string =>
  (text ?? '').replace(INVISIBLE, ' ').replace(/\s+/gu, ' ').trim().slice(0, MAX_NAME).trim();

export const foundName = ({
  name,
  vmm_id: id,
  kind,
  pid,
}: Pick<FoundVmm, 'name' | 'vmm_id' | 'kind' | 'pid'>): string =>
  [clean(name), clean(id)].find((text) => text !== '' && text !== NO_NAME) ?? `${kind}-${pid}`;
