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

type Decode = (utf8: Uint8Array) => string;

const HEAD = /^(\d{1,10}),(\d{1,15}),(\d{1,15}),[^;\n]*;/u;
const FIELD = /^ ([A-Z_\d]{1,64})=(.*)$/u;

const ESCAPED = /(?:\\x[\da-fA-F]{2})+/gu;

/** The kernel writes each byte that is no printable ASCII as `\x` and two digits, and so `\` itself. */
const unescape = (text: string, decode: Decode): string =>
  text.replace(ESCAPED, (run) =>
    decode(
      Uint8Array.from({ length: run.length / 4 }, (_, index) =>
        Number.parseInt(run.slice(index * 4 + 2, index * 4 + 4), 16),
      ),
    ),
  );

export const parseKmsgLine = (text: string, decode: Decode): KmsgLine | undefined => {
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const [whole, prefix, sequence, timeUs] = head;
  const [message = '', ...rest] = text.slice(whole.length).replace(/\n$/u, '').split('\n');
  const fields = rest.flatMap((line): [string, string][] => {
    const [, name, value] = FIELD.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, unescape(value, decode)]];
  });
  return {
    priority: Number(prefix) % 8,
    facility: Math.floor(Number(prefix) / 8),
    sequence: Number(sequence),
    timeUs: Number(timeUs),
    message: unescape(message, decode),
    fields: Object.fromEntries(fields),
  };
};
