import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../../sources/kernel-files.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { addVmm, FIRECRACKER } from '../../testing/fake-hypervisor.ts';
import { makeVmmPaths } from './vmm-paths.ts';

const ROOTS = { procRoot: '/proc', sysRoot: '/sys' };
const PID = 700;

const make = (change: { readonly root?: string; readonly mountNamespace?: string } = {}) => {
  const files = makeFakeFiles();
  addVmm(files, { pid: PID, exe: FIRECRACKER, argv: ['firecracker'], ...change });
  return { files, paths: makeVmmPaths(makeKernelFiles(files, ROOTS)) };
};

const OWN_MOUNTS =
  '27 1 254:1 / / rw - ext4 /dev/vda1 rw\n' +
  '30 27 254:16 / /srv rw - xfs /dev/vdb rw\n' +
  '31 27 0:30 / /run rw - tmpfs tmpfs rw\n';

describe('makeVmmPaths', () => {
  it('leaves a path as it is where the VMM sees the same files', () => {
    expect(make().paths.locate(PID, '/run/vm/a.sock')).toEqual({
      ok: true,
      path: '/run/vm/a.sock',
    });
  });

  it.each([
    ['a.sock', '/var/lib/vm/a.sock'],
    ['./a.sock', '/var/lib/vm/a.sock'],
    ['.//./a.sock', '/var/lib/vm/a.sock'],
    ['sub/a.sock', '/var/lib/vm/sub/a.sock'],
  ])('takes %s from where the VMM was started', (path, expected) => {
    const { files, paths } = make();
    files.link(`/proc/${PID}/cwd`, '/var/lib/vm');
    expect(paths.locate(PID, path)).toEqual({ ok: true, path: expected });
  });

  it('puts the folder of a chroot before a path', () => {
    const { paths } = make({ root: '/srv/jail/1' });
    expect(paths.locate(PID, '/a.sock')).toEqual({ ok: true, path: '/srv/jail/1/a.sock' });
    expect(paths.locate(PID, 'a.sock')).toEqual({ ok: true, path: '/srv/jail/1/a.sock' });
  });

  it.each([
    ['/fc.sock', '/srv/jailer/firecracker/1/root/fc.sock'],
    ['/', '/srv/jailer/firecracker/1/root'],
    ['/run/fc.sock', '/srv/jailer/firecracker/1/root/run/fc.sock'],
    ['/shared/x', '/run/shared/x'],
    ['fc.sock', '/srv/jailer/firecracker/1/root/fc.sock'],
  ])('finds %s of a jail in a mount namespace of its own', (path, expected) => {
    const { files, paths } = make({ mountNamespace: 'mnt:[4026532999]' });
    files.set('/proc/self/mountinfo', OWN_MOUNTS);
    files.set(
      `/proc/${PID}/mountinfo`,
      '90 80 254:16 /jailer/firecracker/1/root / rw - xfs /dev/vdb rw\n' +
        '91 90 0:30 /shared /shared rw - tmpfs tmpfs rw\n',
    );
    expect(paths.locate(PID, path)).toEqual({ ok: true, path: expected });
  });

  it('says so where the agent has no way to the files', () => {
    const { files, paths } = make({ mountNamespace: 'mnt:[4026532999]' });
    files.set('/proc/self/mountinfo', OWN_MOUNTS);
    files.set(`/proc/${PID}/mountinfo`, '90 80 0:77 / / rw - overlay overlay rw\n');
    expect(paths.locate(PID, '/fc.sock')).toMatchObject({ ok: false, reason: 'absent' });
    files.set(`/proc/${PID}/mountinfo`, '');
    expect(paths.locate(PID, '/fc.sock')).toMatchObject({ ok: false, reason: 'absent' });
    files.set(`/proc/${PID}/mountinfo`, 'garbage\n');
    expect(paths.locate(PID, '/fc.sock')).toMatchObject({ ok: false });
  });

  it.each(['root', 'ns/mnt'])('names the capability where %s may not be seen', (name) => {
    const { files, paths } = make();
    files.fail(`/proc/${PID}/${name}`, 'EACCES');
    const located = paths.locate(PID, '/fc.sock');
    expect(located).toMatchObject({ ok: false, reason: 'forbidden' });
    expect(JSON.stringify(located)).toContain('CAP_SYS_PTRACE');
  });

  it('says that a process is gone', () => {
    expect(make().paths.locate(PID + 1, '/x')).toMatchObject({ ok: false, reason: 'absent' });
  });
});
