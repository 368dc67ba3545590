/**
 * `key=value,key=value`, as QEMU and cloud-hypervisor have it. In QEMU's a comma inside a value is
 * written twice, the first part may be a value whose key is understood, and a part without `=` is a
 * switch. https://www.qemu.org/docs/master/system/qemu-manpage.html
 */

const MAX_CHARACTERS = 16 * 1024;
const MAX_PARTS = 256;

const splitAtSingleCommas = (text: string): readonly string[] => {
  const parts: string[] = [];
  let part = '';
  let from = 0;
  while (parts.length < MAX_PARTS) {
    const comma = text.indexOf(',', from);
    if (comma === -1) break;
    part += text.slice(from, comma);
    if (text[comma + 1] === ',') {
      part += ',';
      from = comma + 2;
    } else {
      parts.push(part);
      part = '';
      from = comma + 1;
    }
  }
  parts.push(part + text.slice(from));
  return parts;
};

/** The last of equal keys counts, as in QEMU. */
export const parseOptionString = (
  text: string,
  impliedKey?: string,
): ReadonlyMap<string, string> => {
  const options = new Map<string, string>();
  const parts = splitAtSingleCommas(text.slice(0, MAX_CHARACTERS));
  for (const [index, part] of parts.entries()) {
    const equals = part.indexOf('=');
    if (equals !== -1) options.set(part.slice(0, equals), part.slice(equals + 1));
    else if (index === 0 && impliedKey !== undefined) options.set(impliedKey, part);
    else if (part !== '') options.set(part, 'on');
  }
  return options;
};

export const isOn = (value: string | undefined): boolean =>
  value === 'on' || value === 'yes' || value === 'true';
