import { describe, expect, it } from 'vitest';
import { makeProgressReader } from './progress.ts';

type Told = readonly [string, number | null, number | null];

/** The progress after each line that has changed it. */
const told = (
  command: string,
  lines: readonly string[],
  patterns: Parameters<typeof makeProgressReader>[1] = [],
): readonly Told[] => {
  const reader = makeProgressReader(command, patterns);
  const all: Told[] = [];
  for (const line of lines) {
    const current = reader.feed(`${line}\n`) ? reader.current() : undefined;
    if (current !== undefined) all.push([current.phase, current.done, current.total]);
  }
  return all;
};

describe('the progress of well-known tools', () => {
  it('apt: counts what it unpacks and sets up', () => {
    const lines = [
      'Reading package lists...',
      'Building dependency tree...',
      'The following NEW packages will be installed:',
      '  libonig5 jq',
      '0 upgraded, 2 newly installed, 0 to remove and 5 not upgraded.',
      'Get:1 http://mirror.example/debian bookworm/main amd64 libonig5 amd64 6.9.8-1 [188 kB]',
      'Get:2 http://mirror.example/debian bookworm/main amd64 jq amd64 1.6-2.1 [64.9 kB]',
      'Fetched 388 kB in 0s (3,210 kB/s)',
      'Selecting previously unselected package libonig5:amd64.',
      'Preparing to unpack .../libonig5_6.9.8-1_amd64.deb ...',
      'Unpacking libonig5:amd64 (6.9.8-1) ...',
      'Unpacking jq (1.6-2.1) ...',
      'Setting up libonig5:amd64 (6.9.8-1) ...',
      'Setting up jq (1.6-2.1) ...',
      'Processing triggers for libc-bin (2.36-9) ...',
    ];
    expect(told('apt-get install -y jq', lines)).toEqual([
      ['Reading package lists', null, null],
      ['Resolving', null, null],
      ['Downloading', 1, null],
      ['Downloading', 2, null],
      ['Unpacking', 1, 2],
      ['Unpacking', 2, 2],
      ['Setting up', 1, 2],
      ['Setting up', 2, 2],
      ['Processing triggers', null, null],
    ]);
  });

  it('apt: adds upgrades and new packages', () => {
    const lines = [
      '3 upgraded, 2 newly installed, 0 to remove',
      'Unpacking bash (5.2) over (5.1) ...',
    ];
    expect(told('apt full-upgrade', lines)).toEqual([['Unpacking', 1, 5]]);
  });

  it('dnf 4 and 5', () => {
    const four = [
      'Dependencies resolved.',
      '(1/2): oniguruma-6.9.6-1.el9.6.x86_64.rpm      1.1 MB/s | 217 kB     00:00',
      '  Installing       : oniguruma-6.9.6-1.el9.6.x86_64                         1/2 ',
      '  Verifying        : jq-1.6-17.el9.x86_64                                   2/2 ',
    ];
    expect(told('dnf -y install jq', four)).toEqual([
      ['Resolving', null, null],
      ['Downloading', 1, 2],
      ['Installing', 1, 2],
      ['Verifying', 2, 2],
    ]);
    const five = [
      '[1/2] oniguruma-0:6.9.9-5.fc41.x86_64 100% |   2.0 MiB/s | 220.4 KiB |  00m00s',
      '[3/4] Installing oniguruma-0:6.9.9-5.fc 100% |  70.1 MiB/s | 574.5 KiB |  00m00s',
    ];
    expect(told('dnf5 install jq', five)).toEqual([
      ['Downloading', 1, 2],
      ['Installing', 3, 4],
    ]);
  });

  it('apk', () => {
    const lines = [
      'fetch https://dl-cdn.alpinelinux.org/alpine/v3.20/main/x86_64/APKINDEX.tar.gz',
      '(1/2) Installing oniguruma (6.9.9-r0)',
      '(2/2) Installing jq (1.7.1-r0)',
      'Executing busybox-1.36.1-r29.trigger',
    ];
    expect(told('apk add jq', lines)).toEqual([
      ['Fetching', null, null],
      ['Installing', 1, 2],
      ['Installing', 2, 2],
    ]);
  });

  it('nixos-rebuild', () => {
    const lines = [
      "evaluating derivation '/nix/store/aaaa-nixos-system.drv'",
      'these 3 derivations will be built:',
      '  /nix/store/bbbb-etc.drv',
      'these 2 paths will be fetched (10.10 MiB download, 50.50 MiB unpacked):',
      "copying path '/nix/store/cccc-hello' from 'https://cache.nixos.org'...",
      "building '/nix/store/dddd-etc.drv'...",
      "building '/nix/store/eeee-system.drv'...",
      'activating the configuration...',
      'setting up /etc...',
      'switching to configuration /nix/store/ffff',
    ];
    expect(told('nixos-rebuild switch --flake .', lines)).toEqual([
      ['Evaluation', null, null],
      ['Fetching', 1, 2],
      ['Building', 1, 3],
      ['Building', 2, 3],
      ['Activation', null, null],
      ['Switch', null, null],
    ]);
  });

  it('docker: counts the layers', () => {
    const lines = [
      'latest: Pulling from library/redis',
      'a1: Pulling fs layer',
      'b2: Pulling fs layer',
      'a1: Download complete',
      'a1: Pull complete',
      'b2: Pull complete',
    ];
    expect(told('docker pull redis', lines)).toEqual([
      ['Pulling', 0, 1],
      ['Pulling', 0, 2],
      ['Pulling', 1, 2],
      ['Pulling', 2, 2],
    ]);
  });

  it('cloud-init', () => {
    const lines = [
      "Cloud-init v. 22.4.2 running 'init-local' at Fri, 20 Nov 2026 10:00:00 +0000. Up 4.1 seconds.",
      "Cloud-init v. 22.4.2 running 'modules:final' at Fri, 20 Nov 2026 10:00:09 +0000. Up 13 seconds.",
    ];
    expect(told('tail -f /var/log/cloud-init-output.log', lines)).toEqual([
      ['init-local', 1, 4],
      ['modules:final', 4, 4],
    ]);
  });

  it('is not read from what other programs print', () => {
    expect(told('cat shopping-list', ['Setting up a tent', '(1/2) Installing a lamp'])).toEqual([]);
  });
});

describe('the progress that a script tells', () => {
  it.each([
    ['##progress 3/12 Copying files', ['Copying files', 3, 12]],
    ['##progress Copying files', ['Copying files', null, null]],
    ['##progress 3/12', ['Running', 3, 12]],
    ['##progress 0/0 x', ['x', 0, 0]],
    [`##progress ${'x'.repeat(100)}`, ['x'.repeat(64), null, null]],
  ] satisfies [string, Told][])('%s', (line, expected) => {
    expect(told('sh', [line])).toEqual([expected]);
  });

  it('is only its own line', () => {
    expect(told('sh', ['see ##progress 1/2', ' ##progress 1/2', '##progressive 1/2'])).toEqual([]);
  });
});

describe("a request's own patterns", () => {
  it('come before those of tools', () => {
    const patterns = [{ pattern: '({n}/{m}) Installing ', phase: 'Mine' }];
    expect(told('apk add x', ['(1/2) Installing x'], patterns)).toEqual([['Mine', 1, 2]]);
  });

  it('give a total, and count the lines of a phase', () => {
    const patterns = [
      { pattern: 'will test {m} units', phase: 'Testing' },
      { pattern: 'ok - ', phase: 'Testing' },
    ];
    const lines = ['ok - before', 'will test 3 units', 'ok - a', 'ok - b'];
    expect(told('make', lines, patterns)).toEqual([
      ['Testing', null, null],
      ['Testing', null, 3],
      ['Testing', 2, 3],
      ['Testing', 3, 3],
    ]);
  });
});

describe('the text of a command', () => {
  it('may be cut anywhere, and end its lines by a return alone', () => {
    const reader = makeProgressReader('sh', []);
    expect(reader.feed('##prog')).toBe(false);
    expect(reader.feed('ress 1/3 a\r##progress 2/3 a\r')).toBe(true);
    expect(reader.current()).toEqual({ phase: 'a', done: 2, total: 3 });
    expect(reader.feed('##progress 2/3 a\n')).toBe(false);
  });

  it('is looked at near its end where there is much of it at once', () => {
    const reader = makeProgressReader('sh', []);
    reader.feed(`##progress 1/2 early\n${'x\n'.repeat(50_000)}##progress 2/2 late\n`);
    expect(reader.current()).toMatchObject({ phase: 'late' });
    expect(reader.feed('x'.repeat(1_000_000))).toBe(false);
  });
});
