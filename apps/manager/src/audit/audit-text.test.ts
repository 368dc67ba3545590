import type { AuditEntry } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { AUDIT_COLUMNS, csvHeader, csvRow } from './audit-text.ts';

const entry: AuditEntry = {
  id: '7',
  at: 1_700_000_000_000,
  actor: { kind: 'token', id: null, name: '=HYPERLINK("http://x")' },
  action: 'run.create',
  target: { kind: 'run', id: 'r-1', name: 'say "a,b"\nand c' },
  detail: { command: '-x' },
  request_id: null,
  remote_address: '192.0.2.7',
};

test('a row has a cell for each column, with quotes and lines as the format wants them', () => {
  expect(csvHeader()).toBe(`"${AUDIT_COLUMNS.join('","')}"\r\n`);
  expect(csvRow(entry)).toBe(
    '"7","2023-11-14T22:13:20.000Z","token",,"\'=HYPERLINK(""http://x"")","run.create","run",' +
      '"r-1","say ""a,b""\nand c","192.0.2.7",,"{""command"":""-x""}"\r\n',
  );
});

test.each(['=1', '+1', '-1', '@x', '\tx', '\rx'])('%j is no formula', (name) => {
  expect(csvRow({ ...entry, actor: { ...entry.actor, name } })).toContain(`,"'${name}",`);
});

test('what is about nothing leaves its cells empty', () => {
  expect(csvRow({ ...entry, target: null })).toContain('"run.create",,,,"192.0.2.7"');
});
