import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFirecrackerConfig } from './firecracker-config.ts';

const NOTHING = {
  memoryBytes: undefined,
  vcpuCount: undefined,
  metricsPath: undefined,
  taps: [],
};

describe('parseFirecrackerConfig', () => {
  it('reads what the VM is', () => {
    const config = {
      'boot-source': { kernel_image_path: 'vmlinux.bin', boot_args: 'console=ttyS0' },
      drives: [{ drive_id: 'rootfs', path_on_host: 'rootfs.ext4', is_root_device: true }],
      'machine-config': { vcpu_count: 2, mem_size_mib: 1024, smt: false },
      'network-interfaces': [
        { iface_id: 'eth0', guest_mac: 'AA:FC:00:00:00:01', host_dev_name: 'tap0' },
        { iface_id: 'eth1', host_dev_name: 'tap1' },
      ],
      metrics: { metrics_path: 'metrics.fifo' },
    };
    expect(parseFirecrackerConfig(JSON.stringify(config))).toEqual({
      memoryBytes: 1024 * 1024 * 1024,
      vcpuCount: 2,
      metricsPath: 'metrics.fifo',
      taps: ['tap0', 'tap1'],
    });
  });

  it.each(['', '{', 'null,', 'vcpu_count: 2'])('does not read %j', (text) => {
    expect(parseFirecrackerConfig(text)).toBeUndefined();
  });

  it.each([
    'null',
    '[]',
    '7',
    '"text"',
    '{}',
    '{"machine-config":null,"network-interfaces":{},"metrics":[]}',
    '{"machine-config":{"vcpu_count":0,"mem_size_mib":-1}}',
    '{"machine-config":{"vcpu_count":1.5,"mem_size_mib":"1024"}}',
    '{"machine-config":{"mem_size_mib":1e300}}',
    '{"network-interfaces":[null,7,{"host_dev_name":7},{"host_dev_name":"../../x"}]}',
    '{"__proto__":{"machine-config":{"vcpu_count":2}}}',
  ])('finds nothing in %s', (text) => {
    expect(parseFirecrackerConfig(text)).toEqual(NOTHING);
  });

  it('reads any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseFirecrackerConfig(text)).toBeDefined();
      }),
    );
  });
});
