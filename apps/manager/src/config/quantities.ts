/** Durations and sizes as people write them: `500ms`, `1s`, `90d`; `64MiB`. */

const MS_OF = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES_OF = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

const isKey = <Table extends object>(table: Table, key: string): key is keyof Table & string =>
  Object.hasOwn(table, key);

const QUANTITY = /^(?<count>\d{1,9})(?<unit>[A-Za-z]+)$/u;

const parseQuantity = <Unit extends string>(
  text: string,
  table: Readonly<Record<Unit, number>>,
): number | undefined => {
  const { count = '', unit = '' } = QUANTITY.exec(text)?.groups ?? {};
  return isKey(table, unit) ? Number(count) * table[unit] : undefined;
};

export const parseDurationMs = (text: string): number | undefined => parseQuantity(text, MS_OF);
export const parseBytes = (text: string): number | undefined => parseQuantity(text, BYTES_OF);
