import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { parsePostmasterFile } from './postmaster-file.ts';

const READY = `4711
/srv/data/postgres/cluster
1763625600
5432
/srv/data/postgres/socket

   917506         3
ready${'   '}
`;

test('a server that is ready says where', () => {
  expect(parsePostmasterFile(READY)).toStrictEqual({
    pid: 4711,
    port: 5432,
    socketDir: '/srv/data/postgres/socket',
    status: 'ready',
  });
});

test.each([
  ['just the number', '4711\n', { pid: 4711, socketDir: undefined, status: undefined }],
  ['on TCP only', READY.replace('/srv/data/postgres/socket', ''), { socketDir: undefined }],
  ['still starting', READY.replace('ready   ', 'starting'), { status: 'starting' }],
  ['of a single-user server', READY.replace('4711', '-4711'), { pid: 4711 }],
])('%s', (_, text, expected) => {
  expect(parsePostmasterFile(text)).toMatchObject(expected);
});

test.each([[''], ['\n'], ['0\n'], ['postgres\n'], ['99999999999999\n']])(
  'no process: %j',
  (text) => {
    expect(parsePostmasterFile(text)).toBeUndefined();
  },
);

test('whatever is in the file, the number is one that can be a process', () => {
  assert(
    property(string(), (text) => {
      const pid = parsePostmasterFile(text)?.pid;
      expect(pid === undefined || (Number.isSafeInteger(pid) && pid > 0)).toBe(true);
    }),
  );
});
