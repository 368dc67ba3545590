/** Command lines as VM managers write them, recorded from running machines or from their logs. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identify } from './identify.ts';
import type { VmmIdentity } from './vmm-identity.ts';

const MIB = 1024 * 1024;

const words = (text: string): readonly string[] => text.split(/\s+/u);

const qemu = (text: string): Partial<VmmIdentity> | undefined => identify('qemu', words(text));

describe('QEMU', () => {
  it('as libvirt 9 starts it, with descriptors and JSON', () => {
    const argv = [
      ...words('/usr/bin/qemu-system-x86_64 -name guest=web-1,debug-threads=on -S'),
      '-object',
      '{"qom-type":"secret","id":"masterKey0","format":"raw","file":"/var/lib/libvirt/qemu/k.aes"}',
      ...words('-machine pc-q35-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram -accel kvm'),
      ...words('-cpu host,migratable=on -m size=4194304k -object'),
      '{"qom-type":"memory-backend-ram","id":"pc.ram","size":4294967296}',
      ...words('-overcommit mem-lock=off -smp 4,sockets=4,cores=1,threads=1'),
      ...words('-uuid 954c1f7e-50a1-4880-84db-4f1fa541ccf9 -no-user-config -nodefaults'),
      ...words('-chardev socket,id=charmonitor,fd=27,server=on,wait=off'),
      ...words('-mon chardev=charmonitor,id=monitor,mode=control -rtc base=utc,driftfix=slew'),
      ...words('-global kvm-pit.lost_tick_policy=delay -no-hpet -no-shutdown -boot strict=on'),
      '-device',
      '{"driver":"pcie-root-port","port":16,"chassis":1,"id":"pci.1","bus":"pcie.0"}',
      '-netdev',
      '{"type":"tap","fd":"29","vhost":true,"vhostfd":"31","id":"hostnet0"}',
      ...words('-sandbox on,obsolete=deny,elevateprivileges=deny -msg timestamp=on'),
    ];
    expect(identify('qemu', argv)).toEqual({
      kind: 'qemu',
      uuid: '954c1f7e-50a1-4880-84db-4f1fa541ccf9',
      name: 'web-1',
      id: undefined,
      memoryBytes: 4096 * MIB,
      vcpuCount: 4,
      pidfile: undefined,
      apiSocket: undefined,
      qmpSockets: [],
      metricsPath: undefined,
      configFile: undefined,
      taps: [],
    });
  });

  it('as libvirt 1 starts it, with a monitor of its own', () => {
    expect(
      qemu(
        'qemu-system-x86_64 -enable-kvm -name FW -S -machine pc-i440fx-xenial,accel=kvm,usb=off ' +
          '-cpu Westmere -m 1024 -realtime mlock=off -smp 2,sockets=2,cores=1,threads=1 ' +
          '-uuid 4a89bc8c-143f-4a45-ae65-84a9978fc5e7 -nographic -no-user-config -nodefaults ' +
          '-chardev socket,id=charmonitor,path=/var/lib/libvirt/qemu/domain-FW/monitor.sock,server,nowait ' +
          '-mon chardev=charmonitor,id=monitor,mode=control -rtc base=utc,driftfix=slew ' +
          '-netdev tap,fd=26,id=hostnet0,vhost=on,vhostfd=28',
      ),
    ).toMatchObject({
      name: 'FW',
      uuid: '4a89bc8c-143f-4a45-ae65-84a9978fc5e7',
      memoryBytes: 1024 * MIB,
      vcpuCount: 2,
      qmpSockets: ['/var/lib/libvirt/qemu/domain-FW/monitor.sock'],
      taps: [],
    });
  });

  it('as Proxmox VE starts it', () => {
    expect(
      qemu(
        '/usr/bin/kvm -id 100 -name web,debug-threads=on -no-shutdown ' +
          '-chardev socket,id=qmp,path=/var/run/qemu-server/100.qmp,server=on,wait=off ' +
          '-mon chardev=qmp,mode=control ' +
          '-chardev socket,id=qmp-event,path=/var/run/qmeventd.sock,reconnect=5 ' +
          '-mon chardev=qmp-event,mode=control -pidfile /var/run/qemu-server/100.pid -daemonize ' +
          '-smbios type=1,uuid=0a6a7e36-5fb9-4f0c-9d0b-2f64d9c1a5f1 -smp 4,sockets=1,cores=4,maxcpus=4 ' +
          '-nodefaults -boot menu=on,strict=on,reboot-timeout=1000 -vnc unix:/var/run/qemu-server/100.vnc ' +
          '-cpu kvm64,enforce -m 8192 ' +
          '-netdev type=tap,id=net0,ifname=tap100i0,script=/var/lib/qemu-server/pve-bridge,vhost=on ' +
          '-netdev type=tap,id=net1,ifname=tap100i1 -machine type=pc+pve0',
      ),
    ).toMatchObject({
      id: '100',
      name: 'web',
      uuid: '0a6a7e36-5fb9-4f0c-9d0b-2f64d9c1a5f1',
      memoryBytes: 8192 * MIB,
      vcpuCount: 4,
      pidfile: '/var/run/qemu-server/100.pid',
      // QEMU itself connects to the other one.
      qmpSockets: ['/var/run/qemu-server/100.qmp'],
      taps: ['tap100i0', 'tap100i1'],
    });
  });

  it('as a person starts it', () => {
    expect(
      qemu(
        'qemu-system-x86_64 -M q35 -smp cpus=2,maxcpus=8 -m 1.5G --name plain ' +
          '-nic tap,ifname=tap7,model=virtio -net nic -net tap,ifname=tap8 -nic user ' +
          '-qmp unix:/run/vm/a.sock,server=on,wait=off -qmp tcp:127.0.0.1:4444,server=on ' +
          '-qmp-pretty unix:/run/vm/b.sock,server,nowait -monitor unix:/run/vm/hmp.sock,server,nowait',
      ),
    ).toMatchObject({
      name: 'plain',
      uuid: undefined,
      memoryBytes: 1536 * MIB,
      vcpuCount: 2,
      qmpSockets: ['/run/vm/a.sock', '/run/vm/b.sock'],
      taps: ['tap7', 'tap8'],
    });
  });

  it.each([
    ['-name guest=a,,b,debug-threads=on', { name: 'a,b' }],
    ['-name a,process=qemu:a', { name: 'a' }],
    ['-uuid one -uuid two', { uuid: 'two' }],
    ['-append -uuid -name right', { uuid: undefined, name: 'right' }],
    ['-append -name -uuid u', { name: undefined, uuid: 'u' }],
    ['-snapshot -name right', { name: 'right' }],
    ['disk.img -name right', { name: 'right' }],
    ['-name', { name: undefined }],
    ['-smp 0', { vcpuCount: undefined }],
    ['-smp sockets=2,cores=4', { vcpuCount: 8 }],
    ['-smp maxcpus=6', { vcpuCount: 6 }],
    ['-smp x', { vcpuCount: undefined }],
    ['-smp cores=x', { vcpuCount: undefined }],
    ['-nodefaults', { vcpuCount: 1, memoryBytes: undefined }],
    ['-m size=1G,slots=2,maxmem=8G', { memoryBytes: 1024 * MIB }],
    ['-m -5', { memoryBytes: undefined }],
    ['-netdev {"type":"tap","ifname":"t0"}', { taps: ['t0'] }],
    ['-netdev {"type":"tap","ifname":7}', { taps: [] }],
    ['-netdev {"type":', { taps: [] }],
    ['-netdev tap,id=a,ifname=t0 -netdev tap,id=b,ifname=t0', { taps: ['t0'] }],
    ['-netdev tap,id=a,ifname=much-too-long-a-name', { taps: [] }],
    ['-netdev tap,id=a,ifname=../x', { taps: [] }],
    ['-qmp unix:/run/a.sock', { qmpSockets: [] }],
    ['-qmp unix:/run/a,,b.sock,server=on', { qmpSockets: ['/run/a,b.sock'] }],
    ['-qmp unix:x,server=on,abstract=on', { qmpSockets: [] }],
    [
      '-chardev socket,id=m,path=/run/a.sock,server=on -qmp chardev:m',
      { qmpSockets: ['/run/a.sock'] },
    ],
    ['-chardev socket,id=m,path=/run/a.sock,server=on -mon m', { qmpSockets: [] }],
    [
      '-chardev socket,id=m,path=/run/a.sock,server=on -mon m,mode=control',
      { qmpSockets: ['/run/a.sock'] },
    ],
  ])('with %s', (text, expected) => {
    expect(qemu(`qemu-system-x86_64 ${text}`)).toMatchObject(expected);
  });

  it.each([
    'qemu-system-x86_64 -S -no-user-config -nodefaults -nographic -machine none,accel=kvm:tcg -qmp unix:/x,server',
    'qemu-system-x86_64 -M none',
  ])('without a machine is no VM: %s', (text) => {
    expect(qemu(text)).toBeUndefined();
  });
});

describe('Firecracker', () => {
  const firecracker = (text: string) => identify('firecracker', words(text));

  it('as its jailer starts it: the paths are those in the jail', () => {
    expect(
      firecracker(
        'firecracker --id 551e7604-e35c-42b3-b825-416853441234 --start-time-us 1655897700 ' +
          '--start-time-cpu-us 1234 --parent-cpu-time-us 4375 --config-file vm.json ' +
          '--api-sock /run/firecracker.socket --metrics-path /metrics.fifo',
      ),
    ).toMatchObject({
      id: '551e7604-e35c-42b3-b825-416853441234',
      apiSocket: '/run/firecracker.socket',
      configFile: 'vm.json',
      metricsPath: '/metrics.fifo',
      uuid: undefined,
    });
  });

  it('as firecracker-containerd starts it', () => {
    expect(
      firecracker(
        '/usr/local/bin/firecracker --api-sock /run/firecracker-containerd/default/vm-1/firecracker.sock ' +
          '--id 3f3d5b0e --seccomp-filter /etc/filter.bpf',
      ),
    ).toMatchObject({
      id: '3f3d5b0e',
      apiSocket: '/run/firecracker-containerd/default/vm-1/firecracker.sock',
      metricsPath: undefined,
    });
  });

  it.each([
    ['firecracker', { id: undefined, apiSocket: '/run/firecracker.socket' }],
    ['firecracker --no-api --config-file /x --id a', { id: 'a', apiSocket: undefined }],
    ['firecracker --boot-timer --id a', { id: 'a' }],
    ['firecracker --id=a --api-sock=./x', { id: 'a', apiSocket: './x' }],
    ['firecracker --id a -- --id b', { id: 'a' }],
    ['firecracker --metadata --id --id a', { id: 'a' }],
    ['firecracker --id', { id: undefined }],
  ])('with %s', (text, expected) => {
    expect(firecracker(text)).toMatchObject(expected);
  });

  it.each(['--version', '--help', '--snapshot-version', '--describe-snapshot /x'])(
    'that only answers %s is no VM',
    (text) => {
      expect(firecracker(`firecracker ${text}`)).toBeUndefined();
    },
  );
});

describe('cloud-hypervisor', () => {
  const ch = (text: string) => identify('cloud-hypervisor', words(text));

  it('as a person starts it', () => {
    expect(
      ch(
        '/usr/bin/cloud-hypervisor --api-socket /run/ch/vm.sock --cpus boot=4,max=8 ' +
          '--memory size=1024M,shared=on --disk path=/x.raw path=/y.raw ' +
          '--net tap=vmtap0,mac=12:34:56:78:90:ab,num_queues=2 tap=vmtap1 --net fd=3 ' +
          '--platform uuid=7a6b1c5e-0000-4000-8000-000000000001,serial_number=x --console off',
      ),
    ).toEqual({
      kind: 'cloud-hypervisor',
      uuid: '7a6b1c5e-0000-4000-8000-000000000001',
      name: undefined,
      id: undefined,
      memoryBytes: 1024 * MIB,
      vcpuCount: 4,
      pidfile: undefined,
      apiSocket: '/run/ch/vm.sock',
      qmpSockets: [],
      metricsPath: undefined,
      configFile: undefined,
      taps: ['vmtap0', 'vmtap1'],
    });
  });

  it.each([
    ['--api-socket path=/run/kata/id/ch-api.sock', { apiSocket: '/run/kata/id/ch-api.sock' }],
    ['--api-socket=/x', { apiSocket: '/x' }],
    ['--memory size=536870912', { memoryBytes: 512 * MIB }],
    ['--cpus 2', { vcpuCount: 2 }],
    ['--seccomp log', { vcpuCount: undefined, memoryBytes: undefined, apiSocket: undefined }],
  ])('with %s', (text, expected) => {
    expect(ch(`cloud-hypervisor ${text}`)).toMatchObject(expected);
  });

  it.each(['--version', '-V', '--help'])('that only answers %s is no VM', (text) => {
    expect(ch(`cloud-hypervisor ${text}`)).toBeUndefined();
  });
});

describe('any command line', () => {
  const flag = fc.constantFrom(
    ...words('-name -uuid -m -smp -qmp -mon -chardev -netdev -nic -pidfile -id -smbios -append'),
    ...words('--id --api-sock --config-file --metrics-path -- --net --cpus --memory --platform'),
  );
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('guest=', 'tap,ifname=', 'unix:', ',,,', '{', '{}', '[]', 'null', '{"type":1}'),
    fc.string({ minLength: 5000, maxLength: 6000, size: 'max' }),
  );

  it('gives bounded texts and positive numbers, or nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('qemu' as const, 'firecracker' as const, 'cloud-hypervisor' as const),
        fc.array(fc.oneof(flag, value), { maxLength: 30 }),
        (kind, argv) => {
          const found = identify(kind, argv);
          if (found === undefined) return;
          for (const text of [found.uuid, found.name, found.id]) {
            expect(text?.length ?? 1).toBeGreaterThan(0);
            expect(text?.length ?? 1).toBeLessThanOrEqual(256);
          }
          for (const path of [found.apiSocket, found.pidfile, ...found.qmpSockets]) {
            expect(path?.length ?? 1).toBeLessThanOrEqual(4096);
          }
          for (const tap of found.taps) expect(tap).toMatch(/^[^\s/]{1,15}$/u);
          expect(found.memoryBytes ?? 1).toBeGreaterThan(0);
          expect(found.vcpuCount ?? 1).toBeGreaterThan(0);
        },
      ),
    );
  });
});
