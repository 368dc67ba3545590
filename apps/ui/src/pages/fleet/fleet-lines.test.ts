import { describe, expect, test } from 'vitest';
import type { FleetVm } from '../../state/fleet-entries.ts';
import { makeFleetVm } from '../../testing/fleet-vm.ts';
import { facetOf, makeLines, type Line } from './fleet-lines.ts';
import { parseFleetQuery } from './fleet-query.ts';

const HOSTS = new Map([
  ['h1', 'kvm01'],
  ['h2', 'kvm02'],
]);
const nameOf = (id: string | null): string | undefined => (id === null ? undefined : HOSTS.get(id));

const linesOf = (vms: readonly FleetVm[], query: string, collapsed: readonly string[] = []) =>
  makeLines(vms, parseFleetQuery(new URLSearchParams(query)), nameOf, new Set(collapsed));

const text = (line: Line): string =>
  line.kind === 'group' ? `[${line.name}]` : line.vm.member.name;
const shown = (vms: readonly FleetVm[], query: string, collapsed?: readonly string[]): string[] =>
  linesOf(vms, query, collapsed).map(text);

describe('a search', () => {
  const vms = [
    makeFleetVm('web-01', {}, { guest_ip: '10.0.0.1', labels: { env: 'prod' }, host_id: 'h1' }),
    makeFleetVm('db-01', {}, { guest_ip: '10.0.0.2', labels: { env: 'test' }, host_id: 'h2' }),
  ];

  test.each([
    ['WEB', ['web-01']],
    ['env=test', ['db-01']],
    ['10.0.0.', ['db-01', 'web-01']],
    ['kvm01', ['web-01']],
    ['01 prod', ['web-01']],
    ['web test', []],
    ['(', []],
  ])('%s finds %j', (words, names) => {
    expect(shown(vms, `group=none&q=${encodeURIComponent(words)}`)).toStrictEqual(names);
  });
});

describe('the order', () => {
  const vms = [
    makeFleetVm('vm-10', { cpuUsagePercent: 20 }),
    makeFleetVm('vm-9', { cpuUsagePercent: null }),
    makeFleetVm('vm-2', { cpuUsagePercent: 50 }),
  ];

  test('by name counts as people do', () => {
    expect(shown(vms, 'group=none&sort=name')).toStrictEqual(['vm-2', 'vm-9', 'vm-10']);
  });

  test.each(['desc', 'asc'])('what is unknown stands last, also %s', (direction) => {
    expect(shown(vms, `group=none&sort=cpu&dir=${direction}`).at(-1)).toBe('vm-9');
  });

  test('by attention: critical, warning, silent, and then the others', () => {
    const some = [
      makeFleetVm('idle'),
      makeFleetVm('silent', { state: 'stale', origin: 'none', cpuUsagePercent: null }),
      makeFleetVm('busy', { cpuUsagePercent: 99 }),
      makeFleetVm('full', { memoryUsagePercent: 90 }),
    ];
    expect(shown(some, 'group=none')).toStrictEqual(['busy', 'full', 'silent', 'idle']);
    expect(some.map(facetOf)).toStrictEqual(['up', 'stale', 'critical', 'warning']);
  });
});

describe('groups', () => {
  const vms = [
    makeFleetVm('a', {}, { host_id: 'h2', labels: { env: 'prod' } }),
    makeFleetVm('b', {}, { host_id: 'h1' }),
    makeFleetVm('c', {}, { labels: { env: 'prod' } }),
    makeFleetVm('d', {}, { is_local: true }),
  ];

  test('by host', () => {
    expect(shown(vms, '')).toStrictEqual([
      '[kvm01]',
      'b',
      '[kvm02]',
      'a',
      '[no host]',
      'c',
      '[this machine]',
      'd',
    ]);
  });

  test('by label, also one that not all have', () => {
    expect(shown(vms, 'group=label:env')).toStrictEqual([
      '[env=prod]',
      'a',
      'c',
      '[no env]',
      'b',
      'd',
    ]);
  });

  test('a folded one keeps its head', () => {
    expect(shown(vms, '', ['kvm01', 'no host'])).toStrictEqual([
      '[kvm01]',
      '[kvm02]',
      'a',
      '[no host]',
      '[this machine]',
      'd',
    ]);
  });

  test('a label called as something that every object has is no label that is there', () => {
    expect(shown(vms, 'group=label:constructor')[0]).toBe('[no constructor]');
  });

  test('one with something critical comes first where attention decides', () => {
    const urgent = [...vms, makeFleetVm('e', { cpuUsagePercent: 99 }, { host_id: 'h2' })];
    expect(shown(urgent, '').slice(0, 3)).toStrictEqual(['[kvm02]', 'e', 'a']);
    expect(shown(urgent, 'sort=name')[0]).toBe('[kvm01]');
  });
});

test('filters by state and source are joined by "and"', () => {
  const vms = [
    makeFleetVm('a'),
    makeFleetVm('b', { origin: 'host', state: 'degraded' }),
    makeFleetVm('c', { origin: 'host' }),
  ];
  expect(shown(vms, 'group=none&source=host')).toStrictEqual(['b', 'c']);
  expect(shown(vms, 'group=none&source=host&state=degraded')).toStrictEqual(['b']);
  expect(shown(vms, 'group=none&state=nonsense')).toHaveLength(3);
});
