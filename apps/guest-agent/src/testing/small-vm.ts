/** The files of a small VM: two CPUs, 4 GB, a disk, a network interface, three processes. */
import { pidStatText } from './make-process.ts';

const netClass = (device: string, attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([name, value]): [string, string] => [
    `/sys/class/net/${device}/${name}`,
    `${value}\n`,
  ]);

const NET_HEADER =
  'Inter-|   Receive                                                |  Transmit\n' +
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';

export const MOUNTINFO =
  '22 27 0:21 / /proc rw,relatime - proc proc rw\n' +
  '27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n' +
  '30 27 254:16 / /data ro,relatime shared:2 - xfs /dev/vdb ro\n';

export const smallVm = (): Record<string, string> => ({
  '/proc/stat':
    'cpu  300 2 100 9000 40 1 5 10 0 0\n' +
    'cpu0 150 1 50 4500 20 1 2 5 0 0\n' +
    'cpu1 150 1 50 4500 20 0 3 5 0 0\n' +
    'intr 1000 1 2\nctxt 5000\nbtime 1759999000\nprocesses 300\nprocs_running 2\nprocs_blocked 1\n' +
    'softirq 700 1\n',
  '/proc/meminfo':
    'MemTotal:        4000000 kB\nMemFree:          500000 kB\nMemAvailable:    3000000 kB\n' +
    'Buffers:          100000 kB\nCached:          2000000 kB\nShmem:              5000 kB\n' +
    'SReclaimable:      50000 kB\nDirty:               100 kB\nCommitted_AS:    1500000 kB\n' +
    'SwapTotal:       1000000 kB\nSwapFree:         900000 kB\nHugePages_Total:       0\n',
  '/proc/loadavg': '0.50 0.40 0.30 2/150 4000\n',
  '/proc/uptime': '1000.50 1900.00\n',
  '/proc/vmstat': 'pgpgin 100\npswpin 0\noom_kill 1\nnr_free_pages 9\n',
  '/proc/diskstats':
    ' 254       0 vda 800 10 64000 2900 370 20 13000 2100 0 1900 2800 12 0 96 7 52 38\n' +
    ' 254       1 vda1 700 10 60000 2800 360 20 12900 2000 0 1800 2700 0 0 0 0 0 0\n' +
    '   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n',
  '/proc/net/dev':
    `${NET_HEADER}    lo:   628      62    0    0    0     0          0         0    628      62    0    0    0     0       0          0\n` +
    '  eth0: 223819    6746    1    2    3     4          5         6   432755    3982    7    8    9    10      11         12\n',
  '/proc/net/snmp': 'Tcp: ActiveOpens CurrEstab\nTcp: 22 3\nUdp: InDatagrams\nUdp: 58\n',
  '/proc/net/netstat': 'TcpExt: ListenDrops SyncookiesSent\nTcpExt: 1 0\n',
  '/proc/net/sockstat': 'sockets: used 112\nTCP: inuse 12 orphan 0 tw 3 alloc 14 mem 378\n',
  '/proc/net/softnet_stat': `${'00000011 '.repeat(13).trim()}\n${'00000002 '.repeat(13).trim()}\n`,
  '/proc/net/arp':
    'IP address       HW type     Flags       HW address            Mask     Device\n' +
    '192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0\n',
  '/proc/pressure/cpu': 'some avg10=0.60 avg60=0.38 avg300=0.50 total=4094419\n',
  '/proc/pressure/memory':
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=1000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=500\n',
  '/proc/pressure/io':
    'some avg10=1.00 avg60=0.50 avg300=0.25 total=2000000\nfull avg10=0.50 avg60=0.25 avg300=0.12 total=1000000\n',
  '/proc/1/mountinfo': MOUNTINFO,
  '/proc/sys/fs/file-nr': '1024\t0\t9223372036854775807\n',
  '/proc/sys/kernel/hostname': 'small-vm\n',
  '/proc/sys/kernel/domainname': '(none)\n',
  '/proc/sys/kernel/ostype': 'Linux\n',
  '/proc/sys/kernel/osrelease': '6.1.0-18-cloud-amd64\n',
  '/proc/sys/kernel/version': '#1 SMP Debian\n',
  '/proc/sys/kernel/pid_max': '32768\n',
  '/proc/sys/kernel/threads-max': '31000\n',
  '/proc/sys/kernel/random/boot_id': '0b2dd3a1-7c35-4b1c-9c11-5f2f5a1c0d9e\n',
  '/proc/sys/kernel/random/entropy_avail': '256\n',
  '/proc/sys/kernel/random/poolsize': '256\n',
  '/proc/cpuinfo':
    'processor\t: 0\nmodel name\t: Example CPU @ 2.00GHz\nflags\t\t: fpu hypervisor\n',
  '/proc/1/stat': pidStatText({ pid: 1, comm: 'systemd', ppid: 0, rssPages: 3000, cpuSeconds: 5 }),
  '/proc/1/status': 'Name:\tsystemd\nUid:\t0\t0\t0\t0\n',
  '/proc/50/stat': pidStatText({ pid: 50, comm: 'nginx: worker (a)', cpuSeconds: 9, threads: 4 }),
  '/proc/50/status': 'Name:\tnginx\nUid:\t33\t33\t33\t33\n',
  '/proc/50/io': 'read_bytes: 4096\nwrite_bytes: 8192\n',
  '/proc/60/stat': pidStatText({ pid: 60, comm: 'cat', state: 'R' }),
  '/proc/60/status': 'Name:\tcat\nUid:\t777\t777\t777\t777\n',
  '/proc/self/stat': pidStatText({ pid: 50, comm: 'agent' }),
  '/proc/self/fd/0': '',
  '/proc/self/fd/1': '',
  '/etc/os-release':
    'PRETTY_NAME="Debian GNU/Linux 12"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n',
  '/etc/machine-id': 'aaaabbbbccccddddeeeeffff00001111\n',
  '/run/systemd/sessions/1': 'UID=0\nUSER=root\n',
  '/run/systemd/sessions/1.ref': '',
  '/sys/class/dmi/id/sys_vendor': 'QEMU\n',
  '/sys/class/dmi/id/product_name': 'Standard PC\n',
  '/sys/devices/system/clocksource/clocksource0/available_clocksource': 'kvm-clock tsc acpi_pm \n',
  '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'kvm-clock\n',
  ...Object.fromEntries([
    ...netClass('lo', {
      operstate: 'unknown',
      mtu: '65536',
      address: '00:00:00:00:00:00',
      flags: '0x9',
    }),
    ...netClass('eth0', {
      operstate: 'up',
      mtu: '1500',
      address: '02:fc:00:00:00:07',
      broadcast: 'ff:ff:ff:ff:ff:ff',
      flags: '0x1003',
      speed: '1000',
      carrier: '1',
      carrier_changes: '2',
      ifindex: '2',
      'statistics/rx_nohandler': '0',
    }),
  ]),
});
