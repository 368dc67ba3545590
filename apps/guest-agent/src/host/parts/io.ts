/** What a VMM has read from and written to block devices: /proc/<pid>/io. */
import { parsePidIo } from '@innkeeper/procfs';
import type { VmmProcess } from '@innkeeper/protocol';
import type { Source } from '../../sources/source.ts';
import { missing, missingFrom, PTRACE } from '../missing-part.ts';

export const readIo = (source: Source): VmmProcess['io'] => {
  const text = source.read();
  if (!text.ok) return missingFrom(text.error, PTRACE);
  const io = parsePidIo(text.value);
  if (!io.ok) return missing('malformed', io.error.detail);
  const { readBytes, writeBytes } = io.value;
  return { ok: true, read_bytes_total: readBytes, write_bytes_total: writeBytes };
};
