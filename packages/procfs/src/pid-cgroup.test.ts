import { describe, expect, it } from 'vitest';
import { parsePidCgroup } from './pid-cgroup.ts';
import { PID_CGROUP } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parsePidCgroup', () => {
  it('reads a machine with both versions', () => {
    const { unified, controllers } = valueOf(parsePidCgroup(PID_CGROUP));
    expect(unified).toBe('/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator');
    expect(controllers.get('cpuacct')).toBe('/machine/qemu-1-web.libvirt-qemu');
    expect(controllers.get('cpu')).toBe('/machine/qemu-1-web.libvirt-qemu');
    expect(controllers.get('memory')).toBe('/machine/qemu-1-web.libvirt-qemu');
  });

  it('reads a machine with version 2 alone', () => {
    expect(valueOf(parsePidCgroup('0::/init.scope\n'))).toEqual({
      unified: '/init.scope',
      controllers: new Map(),
    });
  });

  it('reads a machine with version 1 alone', () => {
    expect(valueOf(parsePidCgroup('3:memory:/\n'))).toEqual({
      controllers: new Map([['memory', '/']]),
    });
  });

  it('keeps colons and spaces in a path', () => {
    expect(valueOf(parsePidCgroup('0::/a:b:c d (deleted)\n')).unified).toBe('/a:b:c d (deleted)');
  });

  it.each(['x::/\n', '0:/\n', '0::\n', '0::relative\n', '-1::/\n', '0\n'])(
    'is malformed: %j',
    (text) => {
      expect(errorOf(parsePidCgroup(text)).problem).toBe('malformed');
    },
  );
});
