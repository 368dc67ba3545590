/**
 * /proc/<pid>/mountinfo: the mounted file systems.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html, section "/proc/<pid>/mountinfo",
 * and proc_pid_mountinfo(5).
 *
 * `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
 * Any number of optional fields (`master:1`) may stand before the `-`.
 *
 * A process whose root is not reachable sees no mount at all, so an empty file is an empty list.
 */

import { malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface Mount {
  /** `major:minor`, as in st_dev of the files on it. */
  readonly deviceId: string;
  /** The directory of the file system that is mounted, `/` except for bind mounts. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: string;
  readonly fsType: string;
  /** Empty for some file systems without a device. */
  readonly source: string;
  readonly superOptions: string;
  readonly readOnly: boolean;
}

const SOURCE = 'mountinfo';
const FIRST_OPTIONAL_FIELD = 6;
const LARGEST_ASCII = 0o177;

export function parseMountinfo(text: string): Parsed<readonly Mount[]> {
  const mounts: Mount[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const mount = parseMount(line);
    if (mount === undefined) return malformedInput(SOURCE, 'expected a mount', line);
    mounts.push(mount);
  }
  return parsed(mounts);
}

function parseMount(line: string): Mount | undefined {
  // Empty fields count: an empty source is printed as nothing between two spaces.
  const fields = line.split(' ');
  const dash = fields.indexOf('-', FIRST_OPTIONAL_FIELD);
  if (dash === -1) return undefined;
  const [, , deviceId = '', root = '', mountPoint = '', options = ''] = fields;
  const [fsType = '', source, superOptions] = fields.slice(dash + 1);
  if (!deviceId.includes(':') || mountPoint === '' || fsType === '') return undefined;
  if (source === undefined || superOptions === undefined) return undefined;
  return {
    deviceId,
    root: unescape(root),
    mountPoint: unescape(mountPoint),
    options: unescape(options),
    fsType: unescape(fsType),
    source: unescape(source),
    superOptions: unescape(superOptions),
    readOnly: hasReadOnly(options) || hasReadOnly(superOptions),
  };
}

/** A file system may be read-only itself, or be mounted read-only in this one place. */
function hasReadOnly(options: string): boolean {
  return options.split(',').includes('ro');
}

/**
 * The kernel writes space, tab, newline, backslash and `#` as three octal digits. Other bytes are
 * printed as they are, so a number above ASCII was no escape of the kernel and stays.
 */
function unescape(field: string): string {
  if (!field.includes('\\')) return field;
  return field.replace(/\\([0-7]{3})/g, (escape, digits: string) => {
    const code = Number.parseInt(digits, 8);
    return code <= LARGEST_ASCII ? String.fromCharCode(code) : escape;
  });
}
