import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { describeAddress, parseDatabaseUrl } from './database-url.ts';

test.each([
  ['postgres://ann:secret@db.example:5433/inn', 'db.example:5433 (database inn)'],
  ['postgresql://ann:secret@db.example/inn', 'db.example (database inn)'],
  ['postgres://ann:se%40c%2Fret@[::1]:5432/inn', '[::1]:5432 (database inn)'],
  ['postgres://%2Fvar%2Frun%2Fpostgresql/inn', '/var/run/postgresql (database inn)'],
  ['postgres:///inn?host=/var/run/postgresql', '/var/run/postgresql (database inn)'],
  ['postgres://ann:secret@/inn', 'localhost (database inn)'],
  ['postgres://ann:secret@db/inn?sslmode=verify-full', 'db (database inn)'],
])('%s is accepted and told as %s', (url, told) => {
  const parsed = parseDatabaseUrl(url);
  expect(parsed).toStrictEqual({ ok: true, address: { url } });
  expect(describeAddress({ url })).toBe(told);
});

test.each([
  ['', 'must look like'],
  ['mysql://ann:secret@db/inn', 'must look like'],
  ['host=db password=secret', 'must look like'],
  ['postgres://ann:secret@db:5432', 'names no database'],
  ['postgres://ann:secret@db:5432/', 'names no database'],
  ['postgres://ann:secret@db:port/inn', 'is not a URL'],
  ['postgres://ann:sec%ret@db/inn', 'has a % that is not'],
  ['postgres://ann:secret@db/inn?sslmode=yes', 'has an unknown sslmode'],
  [`postgres://ann:secret@db/${'n'.repeat(5_000)}`, 'is longer than'],
])('%s is refused with a sentence that does not repeat it', (url, problem) => {
  const parsed = parseDatabaseUrl(url);
  expect(parsed).toMatchObject({ ok: false });
  expect(parsed).toHaveProperty('problem', expect.stringMatching(`^DATABASE_URL ${problem}`));
  expect(JSON.stringify(parsed)).not.toContain('secret');
});

test('whatever the text, neither the problem nor the description has the password in it', () => {
  const secret = 'k3yW0rd';
  const part = string({ maxLength: 20 });
  assert(
    property(part, part, (host, rest) => {
      const parsed = parseDatabaseUrl(`postgres://ann:${secret}@${host}/${rest}`);
      expect(parsed.ok ? describeAddress(parsed.address) : parsed.problem).not.toContain(secret);
    }),
  );
});
