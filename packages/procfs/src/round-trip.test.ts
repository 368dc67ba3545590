import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseDiskstats,
  parseLoadavg,
  parseMeminfo,
  parseMountinfo,
  parseNetDev,
  parsePidStat,
  parsePressure,
  parseStat,
} from './index.ts';
import { valueOf } from './testing/unwrap.ts';

const NUM_RUNS = { numRuns: 200 };

/** Every counter that a double holds exactly; larger ones are rounded and cannot come back equal. */
const counter = fc.maxSafeNat();
const smallNumber = fc.nat({ max: 1_000_000 });
const hundredths = fc.nat({ max: 1_000_000 }).map((value) => (value / 100).toFixed(2));
const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,14}$/);

describe('what the kernel prints comes back', () => {
  it('from stat, with 4 to 10 columns and any set of CPUs', () => {
    const ticks = (length: number) => fc.array(counter, { minLength: length, maxLength: length });
    const cpus = fc
      .integer({ min: 4, max: 10 })
      .chain((columns) =>
        fc.tuple(
          ticks(columns),
          fc.uniqueArray(fc.tuple(smallNumber, ticks(columns)), { selector: ([cpu]) => cpu }),
        ),
      );
    fc.assert(
      fc.property(cpus, fc.array(counter, { minLength: 1 }), ([total, cores], intr) => {
        const coreLines = cores.map(([cpu, times]) => `cpu${cpu} ${times.join(' ')}\n`);
        const text = `cpu  ${total.join(' ')}\n${coreLines.join('')}intr ${intr.join(' ')}\n`;
        const stat = valueOf(parseStat(text));
        expect(numbersOf(stat.cpu)).toEqual(total.map((value) => value / 100));
        expect(stat.cores.map((core) => core.cpu)).toEqual(cores.map(([cpu]) => cpu));
        expect(stat.cores.map((core) => numbersOf(core.times))).toEqual(
          cores.map(([, times]) => times.map((value) => value / 100)),
        );
        expect(stat.interrupts).toBe(intr[0]);
      }),
      NUM_RUNS,
    );
  });

  it('from meminfo, in the order of the file', () => {
    const line = fc.record({ name: word, value: counter, isCount: fc.boolean() });
    fc.assert(
      fc.property(fc.uniqueArray(line, { selector: ({ name }) => name }), (lines) => {
        const all = [
          { name: 'MemTotal', value: 8, isCount: false },
          { name: 'MemFree', value: 4, isCount: false },
          ...lines.filter(({ name }) => name !== 'MemTotal' && name !== 'MemFree'),
        ];
        const text = all.map(
          ({ name, value, isCount }) =>
            `${`${name}:`.padEnd(16)}${String(value).padStart(8)}${isCount ? '' : ' kB'}\n`,
        );
        const { fields, counts } = valueOf(parseMeminfo(text.join('')));
        expect([...fields]).toEqual(
          all.map(({ name, value, isCount }) => [name, isCount ? value : value * 1024]),
        );
        expect([...counts]).toEqual(all.filter((one) => one.isCount).map(({ name }) => name));
      }),
      NUM_RUNS,
    );
  });

  it('from diskstats, with and without discards and flushes', () => {
    const disk = fc.constantFrom(11, 15, 17).chain((columns) =>
      fc.record({
        device: word,
        major: smallNumber,
        minor: smallNumber,
        counters: fc.array(counter, { minLength: columns, maxLength: columns }),
      }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(disk, { selector: ({ device }) => device }), (disks) => {
        const text = disks.map(
          ({ device, major, minor, counters }) =>
            `${String(major).padStart(4)} ${String(minor).padStart(7)} ${device} ${counters.join(' ')}\n`,
        );
        const flat = valueOf(parseDiskstats(text.join(''))).map(
          ({ device, major, minor, discards = {}, flushes = {}, ...rest }) => ({
            device,
            major,
            minor,
            counters: [rest, discards, flushes].flatMap(numbersOf),
          }),
        );
        expect(flat).toEqual(disks);
      }),
      NUM_RUNS,
    );
  });

  it('from net/dev, with aliases and with counters glued to the name', () => {
    const device = fc.record({
      name: fc.oneof(
        word,
        fc.tuple(word, word).map((parts) => parts.join(':')),
      ),
      counters: fc.array(counter, { minLength: 16, maxLength: 16 }),
      glue: fc.constantFrom('', ' ', '      '),
    });
    fc.assert(
      fc.property(fc.uniqueArray(device, { selector: ({ name }) => name }), (devices) => {
        const lines = devices.map(
          ({ name, counters, glue }) => `${name.padStart(6)}:${glue}${counters.join('   ')}\n`,
        );
        const parsed = valueOf(parseNetDev(`Inter-|  Receive\n face |bytes\n${lines.join('')}`));
        expect(parsed.map((one) => one.device)).toEqual(devices.map(({ name }) => name));
        expect(
          parsed.map(({ receive, transmit }) => [receive, transmit].flatMap(numbersOf)),
        ).toEqual(devices.map(({ counters }) => counters));
      }),
      NUM_RUNS,
    );
  });

  it('from the stat file of a process, whatever its name is', () => {
    const comm = fc
      .array(fc.constantFrom('a', ')', '(', ' ', '\n', ') R 1', 'é', '\\'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(comm, fc.array(smallNumber, { minLength: 49, maxLength: 49 }), (name, rest) => {
        const stat = valueOf(parsePidStat(`77 (${name}) S ${rest.join(' ')}\n`));
        expect(stat.comm).toBe(name);
        expect(stat.pid).toBe(77);
        expect([stat.ppid, stat.pgrp, stat.session]).toEqual(rest.slice(0, 3));
        expect([stat.threads, stat.startTicks, stat.vsizeBytes, stat.rssPages]).toEqual(
          [16, 18, 19, 20].map((index) => rest[index]),
        );
      }),
      NUM_RUNS,
    );
  });

  it('from mountinfo, with every character the kernel escapes', () => {
    const path = fc
      .array(fc.constantFrom('/', 'a', ' ', '\t', '\n', '\\', '#', '\\040', 'é', '-'), {
        maxLength: 10,
      })
      .map((parts) => `/${parts.join('')}`);
    const optional = fc.array(fc.constantFrom('shared:1', 'master:2', 'unbindable'));
    fc.assert(
      fc.property(path, path, path, optional, (root, mountPoint, source, tags) => {
        const fields = ['36', '35', '98:0', escapeOctal(root), escapeOctal(mountPoint), 'rw'];
        const line = [...fields, ...tags, '-', 'ext4', escapeOctal(source), 'rw'].join(' ');
        const [mount] = valueOf(parseMountinfo(`${line}\n`));
        expect(mount).toMatchObject({ deviceId: '98:0', root, mountPoint, source, fsType: 'ext4' });
      }),
      NUM_RUNS,
    );
  });

  it('from pressure', () => {
    fc.assert(
      fc.property(hundredths, hundredths, hundredths, counter, (avg10, avg60, avg300, total) => {
        const text = `full avg10=${avg10} avg60=${avg60} avg300=${avg300} total=${total}\n`;
        const full = [Number(avg10), Number(avg60), Number(avg300), total / 1e6];
        expect(numbersOf(valueOf(parsePressure(text)).full ?? {})).toEqual(full);
      }),
      NUM_RUNS,
    );
  });

  it('from loadavg', () => {
    fc.assert(
      fc.property(hundredths, hundredths, hundredths, smallNumber, smallNumber, (a, b, c, d, e) => {
        const values = numbersOf(valueOf(parseLoadavg(`${a} ${b} ${c} ${d}/${e} 4567\n`)));
        expect(values).toEqual([Number(a), Number(b), Number(c), d, e]);
      }),
      NUM_RUNS,
    );
  });
});

function numbersOf(record: object): number[] {
  return Object.values(record).filter((value): value is number => typeof value === 'number');
}

/** The same as mangle() in fs/proc_namespace.c of the kernel. */
function escapeOctal(text: string): string {
  return text.replace(/[ \t\n\\#]/g, (character) => {
    return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}
