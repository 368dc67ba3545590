import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as procfs from './index.ts';
import type { Parsed } from './index.ts';
import { checkResult } from './testing/check-result.ts';
import { damaged, noise } from './testing/hostile-text.ts';
import * as samples from './testing/samples.ts';

interface Case {
  readonly name: string;
  readonly parse: (text: string) => Parsed<unknown>;
  readonly sample: string;
  readonly negativesAllowed?: boolean;
  /** Whether the source may be empty; if not, an empty text is an error. */
  readonly mayBeEmpty?: boolean;
}

const CASES: readonly Case[] = [
  { name: 'parseStat', parse: procfs.parseStat, sample: samples.STAT },
  { name: 'parseCpuTotal', parse: procfs.parseCpuTotal, sample: samples.STAT },
  { name: 'parseMeminfo', parse: procfs.parseMeminfo, sample: samples.MEMINFO },
  { name: 'memoryView', parse: parseMemoryView, sample: samples.MEMINFO },
  { name: 'parseLoadavg', parse: procfs.parseLoadavg, sample: '0.00 0.01 0.05 1/123 4567\n' },
  { name: 'parseUptime', parse: procfs.parseUptime, sample: '454.90 880.97\n' },
  {
    name: 'parseDiskstats',
    parse: procfs.parseDiskstats,
    sample: samples.DISKSTATS,
    mayBeEmpty: true,
  },
  { name: 'parseNetDev', parse: procfs.parseNetDev, sample: samples.NET_DEV },
  {
    name: 'parseNetSnmp',
    parse: procfs.parseNetSnmp,
    sample: samples.NET_SNMP,
    negativesAllowed: true,
  },
  { name: 'parseNetSnmp6', parse: procfs.parseNetSnmp6, sample: samples.NET_SNMP6 },
  { name: 'parseSockstat', parse: procfs.parseSockstat, sample: samples.SOCKSTAT },
  { name: 'parseSoftnetStat', parse: procfs.parseSoftnetStat, sample: samples.SOFTNET_STAT },
  { name: 'parsePressure', parse: procfs.parsePressure, sample: samples.PRESSURE },
  { name: 'parseVmstat', parse: procfs.parseVmstat, sample: samples.VMSTAT },
  {
    name: 'parseMountinfo',
    parse: procfs.parseMountinfo,
    sample: samples.MOUNTINFO,
    mayBeEmpty: true,
  },
  { name: 'parseFileNr', parse: procfs.parseFileNr, sample: '388\t0\t9223372036854775807\n' },
  {
    name: 'parseSingleNumber',
    parse: (text) => procfs.parseSingleNumber(text, 'pid_max'),
    sample: '32768\n',
  },
  {
    name: 'parseSingleInteger',
    parse: (text) => procfs.parseSingleInteger(text, 'speed'),
    sample: '-1\n',
    negativesAllowed: true,
  },
  {
    name: 'parsePidStat',
    parse: procfs.parsePidStat,
    sample: samples.PID_STAT,
    negativesAllowed: true,
  },
  { name: 'parsePidTimes', parse: procfs.parsePidTimes, sample: samples.PID_STAT },
  { name: 'parsePidStatus', parse: procfs.parsePidStatus, sample: samples.PID_STATUS },
  { name: 'parsePidIo', parse: procfs.parsePidIo, sample: samples.PID_IO },
  { name: 'parseLimits', parse: procfs.parseLimits, sample: samples.LIMITS },
  {
    name: 'parseOsRelease',
    parse: procfs.parseOsRelease,
    sample: samples.OS_RELEASE,
    mayBeEmpty: true,
  },
  { name: 'parsePasswd', parse: procfs.parsePasswd, sample: samples.PASSWD, mayBeEmpty: true },
  { name: 'parseArp', parse: procfs.parseArp, sample: samples.ARP },
  { name: 'parseUdpQueues', parse: procfs.parseUdpQueues, sample: samples.UDP },
  { name: 'parseConntrackStat', parse: procfs.parseConntrackStat, sample: samples.CONNTRACK_STAT },
  {
    name: 'parseUdevData',
    parse: procfs.parseUdevData,
    sample: samples.UDEV_DATA,
    mayBeEmpty: true,
  },
  { name: 'parseCmdline', parse: procfs.parseCmdline, sample: samples.CMDLINE, mayBeEmpty: true },
  { name: 'parsePidCgroup', parse: procfs.parsePidCgroup, sample: samples.PID_CGROUP },
  {
    name: 'parseCgroupCpuStat',
    parse: procfs.parseCgroupCpuStat,
    sample: samples.CGROUP_CPU_STAT,
  },
  { name: 'parseSmapsRollup', parse: procfs.parseSmapsRollup, sample: samples.SMAPS_ROLLUP },
  { name: 'parseTunFdinfo', parse: procfs.parseTunFdinfo, sample: samples.TUN_FDINFO },
];

const NUM_RUNS = 200;

describe.each(CASES)('$name', ({ parse, sample, negativesAllowed = false, mayBeEmpty = false }) => {
  const expectSound = (text: string) => checkResult(parse(text), { negativesAllowed });

  it('accepts a valid file', () => {
    expect(parse(sample)).toMatchObject({ ok: true });
    expectSound(sample);
  });

  it('accepts a valid file without its last newline', () => {
    expect(parse(sample.trimEnd())).toEqual(parse(sample));
  });

  it('says that an empty text is empty, unless the file may be', () => {
    const expected = mayBeEmpty ? { ok: true } : { ok: false, error: { problem: 'empty' } };
    expect(parse('')).toMatchObject(expected);
    expect(parse('\n')).toMatchObject(expected);
  });

  it('copes with a file that is cut off at any place', () => {
    for (let end = 0; end < sample.length; end += 1) expectSound(sample.slice(0, end));
  });

  it('copes with a damaged file', () => {
    fc.assert(fc.property(damaged(sample), expectSound), { numRuns: NUM_RUNS });
  });

  it('copes with any text', () => {
    fc.assert(fc.property(noise(), expectSound), { numRuns: NUM_RUNS });
  });
});

it('has every parser of the package in the table', () => {
  // A compiled time zone is bytes, not text; tzif.test.ts feeds it damaged ones.
  const ofText = Object.keys(procfs).filter((name) => name !== 'parseZoneAbbreviations');
  const exported = ofText.toSorted();
  expect(CASES.map((entry) => entry.name).toSorted()).toEqual(exported);
});

function parseMemoryView(text: string): Parsed<unknown> {
  const meminfo = procfs.parseMeminfo(text);
  return meminfo.ok ? { ok: true, value: procfs.memoryView(meminfo.value) } : meminfo;
}
