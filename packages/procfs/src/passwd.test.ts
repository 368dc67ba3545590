import { describe, expect, it } from 'vitest';
import { parsePasswd } from './passwd.ts';
import { valueOf } from './testing/unwrap.ts';

describe('parsePasswd', () => {
  it('maps ids to names', () => {
    const text = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/sbin/nologin\n';
    expect([...valueOf(parsePasswd(text))]).toEqual([
      [0, 'root'],
      [65534, 'nobody'],
    ]);
  });

  it('takes the first of several names, like getpwuid', () => {
    expect([...valueOf(parsePasswd('root:x:0:0\ntoor:x:0:0\n'))]).toEqual([[0, 'root']]);
  });

  it.each(['', '# root:x:0:0', '+::::::', 'root', 'root:x', 'root:x:zero:0', ':x:0:0', 'a:x:-1:0'])(
    'skips the line "%s"',
    (line) => {
      expect([...valueOf(parsePasswd(`${line}\nok:x:5:5\n`))]).toEqual([[5, 'ok']]);
    },
  );
});
