import { describe, expect, test } from 'vitest';
import { helpText } from './help.ts';
import { loadSettings } from './load.ts';
import { SETTINGS } from './settings.ts';

const settingsOf = (args: readonly string[], variables: Record<string, string> = {}) => {
  const loaded = loadSettings(args, variables);
  if (!loaded.ok || loaded.wants !== 'run') throw new Error(JSON.stringify(loaded));
  return loaded.settings;
};

describe('without any setting', () => {
  test('it listens on loopback, keeps its data in ./data and pulls each second', () => {
    const settings = settingsOf([]);
    expect(settings.listen).toStrictEqual({ host: '127.0.0.1', port: 8080 });
    expect(settings.dataDir).toBe(`${process.cwd()}/data`);
    expect(settings.logDir).toBe(`${process.cwd()}/data/logs`);
    expect(settings.pullIntervalMs).toBe(1000);
    expect(settings.databaseUrl).toBeUndefined();
    expect(settings.keepMs['1h']).toBe(400 * 86_400_000);
    expect(settings.keepProcessesMs).toBe(7 * 86_400_000);
    expect(settings.keepLogsMs).toBe(14 * 86_400_000);
    expect(settings.keepLogsBytes).toBe(2 * 1024 ** 3);
  });

  test('a variable that is empty is not set', () => {
    expect(settingsOf([], { INNKEEPER_LISTEN: '', DATABASE_URL: '' }).databaseUrl).toBeUndefined();
  });
});

describe('where guests reach the manager', () => {
  const PUBLIC = ['--public-url', 'https://innkeeper.example.org'];

  test('is the public URL, unless another one is set', () => {
    expect(settingsOf(PUBLIC).guestUrl?.origin).toBe('https://innkeeper.example.org');
    const args = [...PUBLIC, '--guest-url', 'http://[fd00::1]:8080'];
    expect(settingsOf(args).guestUrl?.origin).toBe('http://[fd00::1]:8080');
    expect(settingsOf(args).publicUrl?.origin).toBe('https://innkeeper.example.org');
    expect(settingsOf([]).guestUrl).toBeUndefined();
  });

  test.each(['https://192.168.1.1', 'http://innkeeper.example.org', 'http://192.168.1.1/a', 'x'])(
    'is not %s',
    (url) => {
      const loaded = loadSettings(['--guest-url', url], {});
      expect(loaded).toMatchObject({
        ok: false,
      });
    },
  );
});

describe('a setting', () => {
  test.each([
    [['--listen', '[::1]:9000'], { host: '::1', port: 9000 }],
    [['--listen=:0'], { host: '0.0.0.0', port: 0 }],
  ])('%j is where it listens', (args, expected) => {
    expect(settingsOf(args).listen).toStrictEqual(expected);
  });

  test('comes from the flag where a variable says something else', () => {
    const variables = { INNKEEPER_PULL_INTERVAL: '5s' };
    expect(settingsOf([], variables).pullIntervalMs).toBe(5000);
    expect(settingsOf(['--pull-interval', '10s'], variables).pullIntervalMs).toBe(10_000);
  });

  test.each(['off', '0'])('of %s ends the keeping of logs', (text) => {
    expect(settingsOf(['--keep-logs', text]).keepLogsMs).toBe(0);
  });

  test.each([
    ['--pull-interval', '500ms', '--pull-interval must be a time from 1s to 5m, not "500ms"'],
    ['--pull-interval', '1', '--pull-interval must be a time from 1s to 5m, not "1"'],
    [
      '--listen',
      'here',
      '--listen must be host:port, such as 127.0.0.1:8080 or [::]:8080, not "here"',
    ],
    ['--listen', '127.0.0.1:70000', '--listen must be host:port'],
    ['--public-url', 'http://a/b', '--public-url must be an http or https URL without path'],
    ['--public-url', 'ftp://a', '--public-url must be an http or https URL without path'],
    ['--keep-raw', '10m', '--keep-raw must be a time from 1h to 3660d, such as 6h, not "10m"'],
    ['--keep-processes', '5m', '--keep-processes must be a time from 1h to 3660d, such as 7d'],
    ['--keep-logs', 'no', '--keep-logs must be a time from 1h to 3660d, such as 14d, or off'],
    ['--keep-logs-size', '1MiB', '--keep-logs-size must be a size from 64MiB to 16384GiB'],
    ['--store-buffer', '64', '--store-buffer must be a size from 1MiB to 16GiB'],
    ['--log-level', 'loud', '--log-level must be debug, info, warn or error, not "loud"'],
    [
      '--admin-token',
      'short',
      '--admin-token must be 20 to 200 printable characters without blanks',
    ],
    ['--speed', '1', 'unknown flag "--speed"; --help lists them'],
    ['--listen', '', '--listen needs a value'],
  ])('%s %s is refused with what is accepted', (flag, value, sentence) => {
    const loaded = loadSettings([flag, value], {});
    expect(loaded.ok ? '' : loaded.problem).toContain(sentence);
  });

  test('that nobody knows is refused by name', () => {
    const loaded = loadSettings([], { INNKEEPER_INTERVAL: '1s' });
    expect(loaded.ok ? '' : loaded.problem).toContain(
      'unknown setting INNKEEPER_INTERVAL; there are',
    );
  });

  test('that is secret is not repeated in the sentence about it', () => {
    const loaded = loadSettings([], { INNKEEPER_ADMIN_TOKEN: 'hunter2' });
    expect(loaded.ok).toBe(false);
    expect(JSON.stringify(loaded)).not.toContain('hunter2');
  });

  test('stands in the help with its flag', () => {
    for (const { flag } of Object.values(SETTINGS)) expect(helpText('1')).toContain(`  ${flag} `);
  });
});
