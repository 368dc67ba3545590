import { describe, expect, it } from 'vitest';
import { parseOsRelease } from './os-release.ts';
import { valueOf } from './testing/unwrap.ts';

const only = (line: string) => [...valueOf(parseOsRelease(`${line}\n`))];

describe('parseOsRelease', () => {
  it.each([
    ['ID=debian', 'debian'],
    ['ID="Alpine Linux"', 'Alpine Linux'],
    ['ID=\'a \\b "c"\'', 'a \\b "c"'],
    ['ID="say \\"hi\\" for \\$5 \\\\ \\n"', 'say "hi" for $5 \\ \\n'],
    ['ID=a\\ b', 'a b'],
    ['ID=', ''],
    ['ID=""', ''],
    ['  ID=x  \r', 'x'],
    ['ID=a=b', 'a=b'],
  ])('reads %s', (line, value) => {
    expect(only(line)).toEqual([['ID', value]]);
  });

  it.each(['# ID=x', '#ID=x', 'ID', '=x', 'ID X=x', '1D=x', 'ID="x', 'ID=\'x"', 'ID="'])(
    'skips %s',
    (line) => {
      expect(only(line)).toEqual([]);
    },
  );

  it('lets the last assignment win, like the shell', () => {
    expect(only('ID=a\nID=b')).toEqual([['ID', 'b']]);
  });
});
