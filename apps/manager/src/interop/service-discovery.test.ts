import { describe, expect, test } from 'vitest';
import { makeVm, vmId } from '../push/testing/fake-fleet.ts';
import { prometheusLabels } from './label-name.ts';
import { makeTargetGroups } from './service-discovery.ts';

describe('the targets for Prometheus', () => {
  test('are the VMs with an address, by key, IPv6 in brackets, labels with names that fit', () => {
    const vms = [
      makeVm(3, { guestIp: 'fd00::5', agentPort: 9000, hostId: 'h', enrolledAt: 1, tlsPin: 'p' }),
      makeVm(2, { guestIp: undefined }),
      makeVm(1, { name: 'web "1"', labels: { 'app.kubernetes.io/name': 'shop', env: '' } }),
    ];
    const groups = makeTargetGroups(
      vms,
      () => 'up',
      ({ hostId }) => (hostId === undefined ? undefined : `host ${hostId}`),
    );
    expect(groups).toStrictEqual([
      {
        targets: ['10.0.0.1:8080'],
        labels: {
          __meta_innkeeper_vm_id: vmId(1),
          __meta_innkeeper_vm_name: 'web "1"',
          __meta_innkeeper_enrolled: 'false',
          __meta_innkeeper_state: 'up',
          __meta_innkeeper_label_app_kubernetes_io_name: 'shop',
          __meta_innkeeper_label_env: '',
        },
      },
      {
        targets: ['[fd00::5]:9000'],
        labels: {
          __scheme__: 'https',
          __meta_innkeeper_vm_id: vmId(3),
          __meta_innkeeper_vm_name: 'vm-3',
          __meta_innkeeper_enrolled: 'true',
          __meta_innkeeper_host: 'host h',
          __meta_innkeeper_state: 'up',
        },
      },
    ]);
  });
});

test('labels whose names become the same are all kept, in a fixed order', () => {
  const one = prometheusLabels('l_', { 'a.b': '1', 'a/b': '2', a_b: '3', a_b_2: '4' });
  const other = prometheusLabels('l_', { a_b_2: '4', a_b: '3', 'a/b': '2', 'a.b': '1' });
  expect([...one]).toStrictEqual([...other]);
  expect(new Set(one.values())).toStrictEqual(new Set(['1', '2', '3', '4']));
  expect(one.get('l_a_b')).toBe('1');
});
