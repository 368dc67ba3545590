/** A record of /dev/kmsg: https://www.kernel.org/doc/Documentation/ABI/testing/dev-kmsg. */

export interface KmsgLine {
  readonly priority: number;
  readonly facility: number;
  readonly sequence: number;
  /** Since boot. */
  readonly timeUs: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

const HEAD = /^(\d{1,10}),(\d{1,15}),(\d{1,15}),[^;\n]*;/u;
const FIELD = /^ ([A-Z_\d]{1,64})=(.*)$/u;

export const parseKmsgLine = (text: string): KmsgLine | undefined => {
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const [whole, prefix, sequence, timeUs] = head;
  const [message = '', ...rest] = text.slice(whole.length).replace(/\n$/u, '').split('\n');
  const fields = rest.flatMap((line): [string, string][] => {
    const [, name, value] = FIELD.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
  return {
    priority: Number(prefix) % 8,
    facility: Math.floor(Number(prefix) / 8),
    sequence: Number(sequence),
    timeUs: Number(timeUs),
    message,
    fields: Object.fromEntries(fields),
  };
};
