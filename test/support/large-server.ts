/**
 * The machine `server-128-cpus`: no such machine was at hand, so its files are made here the way the
 * documentation of the kernel (filesystems/proc, admin-guide/iostats, accounting/psi, ABI/testing)
 * and the code that prints them say. 128 CPUs, number 64 is offline; up for 400 days, with counters
 * beyond 2^53 and close to 2^64, which kernels print when a driver counts below zero.
 */

const CPUS = [...Array(129).keys()].filter((cpu) => cpu !== 64);
const TICKS = 400 * 86_400 * 100;
const LATER_TICKS = 15 * 100;
const BOOTED_AT = 1_725_440_000;
const NEAR_2_TO_64 = '18446744073709551612';

const lines = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');
const hex = (value: number, width = 8): string => value.toString(16).padStart(width, '0');
const mac = (last: number): string => `02:00:00:00:00:${hex(last, 2)}`;
const address = (last: number): string => `192.0.2.${last}`;
const padded = (values: readonly (number | string)[]): string => values.join(' ');

/** A number for each thing and place, the same each time, with no pattern that hides a mix-up. */
const some = (seed: number, below: number): number => (seed * 2_654_435_761) % below;

/** user nice system idle iowait irq softirq steal guest guest_nice, of one CPU. */
const timesOf = (cpu: number, laterTicks: number): readonly number[] => {
  const parts = [0.3, 0.01, 0.1, 0, 0.02, 0.001, 0.012, 0.004].map((share, mode) =>
    Math.floor(TICKS * share + some(cpu * 8 + mode + 1, 100_000)),
  );
  const [user = 0, nice = 0, system = 0, , iowait = 0, irq = 0, softirq = 0, steal = 0] = parts;
  const idle = TICKS - parts.reduce((sum, part) => sum + part, 0);
  return [
    user + laterTicks * 0.4,
    nice,
    system + laterTicks * 0.1,
    idle + laterTicks * 0.45,
    iowait,
    irq,
    softirq,
    steal + laterTicks * 0.05,
    Math.floor(user / 3) + laterTicks * 0.2,
    Math.floor(nice / 7),
  ];
};

const stat = (laterTicks: number): string => {
  const all = CPUS.map((cpu) => timesOf(cpu, laterTicks));
  const total = timesOf(0, 0).map((_, mode) =>
    all.reduce((sum, times) => sum + (times[mode] ?? 0), 0),
  );
  const interrupts = Array.from({ length: 600 }, (_, irq) =>
    irq % 5 === 0 ? some(irq + 1, 90_000_000_000) : 0,
  );
  return lines([
    `cpu  ${padded(total)}`,
    ...CPUS.map((cpu, index) => {
      const times: readonly (number | string)[] = all[index] ?? [];
      // The steal time of one CPU went below zero, as it did on guests that were migrated.
      const shown = times.map((time, mode) => (cpu === 7 && mode === 7 ? NEAR_2_TO_64 : time));
      return `cpu${cpu} ${padded(shown)}`;
    }),
    `intr 9007199254740995 ${padded(interrupts)}`,
    'ctxt 18014398509481989',
    `btime ${BOOTED_AT}`,
    'processes 4294967301',
    'procs_running 131',
    'procs_blocked 17',
    'softirq 36028797018963973 11 7012345678901 22 6012345678901 33 0 44 5012345678901 55 4012345678901',
  ]);
};

const kilobytes = (rows: Readonly<Record<string, number>>): string =>
  lines(
    Object.entries(rows).map(([name, kB]) => `${`${name}:`.padEnd(16)}${`${kB}`.padStart(8)} kB`),
  );

const MEMINFO =
  kilobytes({
    MemTotal: 2_113_403_564,
    MemFree: 101_203_404,
    MemAvailable: 903_112_008,
    Buffers: 12_003_120,
    Cached: 812_004_112,
    SwapCached: 40_112,
    Active: 701_223_344,
    Inactive: 301_223_344,
    'Active(anon)': 201_334_455,
    'Inactive(anon)': 11_223_344,
    'Active(file)': 499_888_889,
    'Inactive(file)': 290_000_000,
    Unevictable: 30_720,
    Mlocked: 27_648,
    SwapTotal: 134_217_724,
    SwapFree: 133_001_216,
    Zswap: 0,
    Zswapped: 0,
    Dirty: 901_224,
    Writeback: 3_072,
    AnonPages: 190_112_233,
    Mapped: 22_334_455,
    Shmem: 9_012_345,
    KReclaimable: 80_123_456,
    Slab: 99_123_456,
    SReclaimable: 80_123_456,
    SUnreclaim: 19_000_000,
    KernelStack: 901_232,
    PageTables: 4_012_344,
    Committed_AS: 2_403_112_233,
    VmallocTotal: 34_359_738_367,
    VmallocUsed: 9_012_344,
    VmallocChunk: 0,
    Percpu: 4_012_032,
    HardwareCorrupted: 4,
    AnonHugePages: 90_112_000,
  }) +
  lines(
    ['Total:  262144', 'Free:    12288', 'Rsvd:     2048', 'Surp:        0'].map(
      (count) => `HugePages_${count}`,
    ),
  ) +
  kilobytes({
    Hugepagesize: 2_048,
    Hugetlb: 605_028_352,
    DirectMap4k: 9_012_344,
    DirectMap2M: 801_112_064,
    DirectMap1G: 1_337_982_976,
  });

const VMSTAT = lines([
  'nr_free_pages 25300851',
  'nr_zone_active_anon 50333613',
  'nr_dirty 225306',
  'numa_hit 9012345678901234',
  `pgpgin ${NEAR_2_TO_64}`,
  'pgpgout 9007199254740993',
  'pswpin 301224',
  'pswpout 9012344',
  'pgalloc_normal 90123456789012345',
  'pgfault 12345678901234567',
  'pgmajfault 901234567',
  'thp_fault_alloc 12345678',
  'thp_fault_fallback 4567',
  'oom_kill 3',
]);

/** Reads, merged, sectors, ms; writes, merged, sectors, ms; now, ms, weighted; discards; flushes. */
const disk = (major: number, minor: number, name: string, counters: string): string =>
  `${`${major}`.padStart(4)} ${`${minor}`.padStart(7)} ${name} ${counters}`;

const DISKSTATS = lines([
  disk(
    259,
    0,
    'nvme0n1',
    '90123456789 12345 9007199254740993 4294967295 80123456789 23456 7012345678901 4294960001 12 3456000001 8589934590 1203344 55 9012344123 901233 70123455 9123441',
  ),
  disk(259, 1, 'nvme0n1p1', '912 0 8123 44 3 0 3 1 0 51 45 0 0 0 0 0 0'),
  disk(259, 2, 'nvme0n1p2', '9123 12 81234 440 301 20 9012 101 0 512 541 12 0 4096 3 0 0'),
  disk(
    259,
    3,
    'nvme0n1p3',
    '90123446000 12333 9007199254651636 4294966811 80123456485 23436 7012345669886 4294959899 12 3455999438 8589934004 1203332 55 9012340027 901230 0 0',
  ),
  disk(259, 5, 'nvme1n1', '100 0 800 5 0 0 0 0 0 8 5 0 0 0 0 0 0'),
  disk(9, 127, 'md127', '812345 0 90123445 0 712345 0 80123445 0 0 0 0 0 0 0 0 0 0'),
  disk(
    253,
    0,
    'dm-0',
    `1 0 ${NEAR_2_TO_64} 1 1 0 8 1 0 4 2 1203332 0 9012340027 901230 70123400 9000000`,
  ),
  disk(253, 1, 'dm-1', '30 0 240 9 20 0 160 7 0 11 16 0 0 0 0 0 0'),
  disk(8, 0, 'sda', '40 1 320 11 30 2 240 13 0 17 24 0 0 0 0'),
  disk(8, 1, 'sda1', '39 1 312 11 30 2 240 13 0 17 24 0 0 0 0'),
  disk(7, 0, 'loop0', '55 0 440 3 0 0 0 0 0 4 3 0 0 0 0 0 0'),
  disk(252, 0, 'zram0', '60 0 480 1 70 0 560 2 0 3 3 0 0 0 0 0 0'),
]);

const CPUINFO = CPUS.map(
  (cpu) =>
    `processor\t: ${cpu}\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\n` +
    'model name\t: AMD EPYC 7B13\ncpu MHz\t\t: 2449.998\ncache size\t: 512 KB\n' +
    'flags\t\t: fpu vme de pse tsc msr hypervisor lahf_lm\npower management:\n\n',
).join('');

const NET_DEV =
  'Inter-|   Receive                                                |  Transmit\n' +
  ' face |bytes    packets errs drop fifo frame compressed multicast|' +
  'bytes    packets errs drop fifo colls carrier compressed\n' +
  lines([
    '    lo: 9012344556677 8123344556 0 0 0 0 0 0 9012344556677 8123344556 0 0 0 0 0 0',
    '  eno1: 432000000000000011 360000000000003 1 20 3 4 5 600123 ' +
      '216000000000000017 180000000000007 8 9 10 11 12 13',
    `  eno2: 432000000000000013 360000000000005 0 ${NEAR_2_TO_64} 0 0 0 7 ` +
      '216000000000000019 180000000000009 0 0 0 0 0 0',
    ' bond0: 864000000000000024 720000000000008 1 30 3 4 5 600130 ' +
      '432000000000000036 360000000000016 8 9 10 11 12 13',
    'bond0.100: 764000000000000001 620000000000001 0 0 0 0 0 0 332000000000000001 260000000000001 0 0 0 0 0 0',
    '   br0: 9007199254740993 12345678 0 0 0 0 0 0 9007199254740995 23456789 0 0 0 0 0 0',
    'veth0a1b2c3: 123 4 0 0 0 0 0 0 567 8 0 0 0 0 0 0',
  ]);

const pair = (label: string, counters: Readonly<Record<string, number | string>>): string =>
  lines([
    `${label}: ${padded(Object.keys(counters))}`,
    `${label}: ${padded(Object.values(counters))}`,
  ]);

const NETSTAT =
  pair('TcpExt', {
    SyncookiesSent: 9012,
    SyncookiesRecv: 801,
    SyncookiesFailed: 70,
    EmbryonicRsts: 6,
    TW: 9012345678,
    ListenOverflows: 301,
    ListenDrops: 302,
    TCPTimeouts: 4012345,
    TCPOFOQueue: 5012345,
    TCPSynRetrans: 60123,
    TCPRcvQDrop: 71,
  }) +
  pair('IpExt', {
    InNoRoutes: 3,
    InOctets: '864000000000000017',
    OutOctets: '432000000000000019',
    InBcastOctets: 12345,
  }) +
  pair('MPTcpExt', { MPCapableSYNRX: 0, MPCapableSYNTX: 0 });

const SNMP =
  pair('Ip', { Forwarding: 1, DefaultTTL: 64, InReceives: '9007199254740997', InHdrErrors: 12 }) +
  pair('Icmp', { InMsgs: 90123, InErrors: 12, InCsumErrors: 3, OutMsgs: 80123, OutErrors: 0 }) +
  pair('IcmpMsg', { InType3: 80001, InType8: 10122, OutType0: 10122, OutType3: 70001 }) +
  pair('Tcp', {
    RtoAlgorithm: 1,
    RtoMin: 200,
    RtoMax: 120_000,
    MaxConn: -1,
    ActiveOpens: 9_012_345_678,
    PassiveOpens: 8_012_345_678,
    CurrEstab: 60_123,
    InSegs: 720_000_000_000_008,
    OutSegs: 360_000_000_000_016,
    RetransSegs: 40_123_456,
    InErrs: 301,
    OutRsts: 2_012_345,
  }) +
  pair('Udp', {
    InDatagrams: 9_012_345_678,
    NoPorts: 12_345,
    InErrors: 678,
    OutDatagrams: 8_012_345_678,
    RcvbufErrors: 677,
    SndbufErrors: 1,
  }) +
  pair('UdpLite', { InDatagrams: 0, NoPorts: 0, InErrors: 0 });

const SNMP6 = lines(
  Object.entries({
    Ip6InReceives: 901_234_567,
    Ip6InOctets: 90_123_456_789_012,
    Ip6OutOctets: 80_123_456_789_012,
    Icmp6InMsgs: 12_345,
    Icmp6InErrors: 6,
    Icmp6OutMsgs: 23_456,
    Udp6InDatagrams: 345_678,
    Udp6NoPorts: 9,
    Udp6InErrors: 10,
    Udp6OutDatagrams: 456_789,
    Udp6RcvbufErrors: 11,
    Udp6SndbufErrors: 12,
    UdpLite6InErrors: 0,
  }).map(([name, value]) => `${name.padEnd(32)}\t${value}`),
);

const SOFTNET = lines(
  CPUS.map((cpu) =>
    padded(
      Array.from({ length: 15 }, (_, column) => {
        if (column === 0) return hex(0xffffff00 + (cpu % 200));
        if (column === 1) return hex(cpu === 3 ? 17 : 0);
        if (column === 2) return hex(some(cpu + 1, 5000));
        return hex(column === 12 ? cpu : 0);
      }),
    ),
  ),
);

const CONNTRACK_NAMES = (
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop ' +
  'early_drop icmp_error  expect_new expect_create expect_delete search_restart'
).split(/ +/u);

const CONNTRACK = lines([
  padded(CONNTRACK_NAMES),
  ...CPUS.map((cpu) =>
    padded(CONNTRACK_NAMES.map((_, column) => hex(column === 0 ? 0x3d0d2 : cpu * 17 + column))),
  ),
]);

const udp = (addressWidth: number, title: string, sockets: number): string =>
  `${title}\n${lines(
    Array.from({ length: sockets }, (_, socket) => {
      const anywhere = '0'.repeat(addressWidth);
      const queues = `${hex(socket === 5 ? 0x1200 : 0)}:${hex(socket % 9 === 0 ? 0x34500 : 0)}`;
      return (
        `${`${socket}`.padStart(5)}: ${anywhere}:${hex(1024 + socket, 4).toUpperCase()} ` +
        `${anywhere}:0000 07 ${queues} 00:00000000 00000000  1000        0 ${90_000 + socket} 2 ` +
        `0000000000000000 ${socket}`
      );
    }),
  )}`;

const UDP_TITLE =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';

const ARP =
  'IP address       HW type     Flags       HW address            Mask     Device\n' +
  lines(
    Array.from({ length: 24 }, (_, index) => {
      const device = index % 3 === 0 ? 'br0' : 'bond0.100';
      const answered = index % 8 !== 7;
      const hardware = answered ? mac(index) : '00:00:00:00:00:00';
      const flags = answered ? '0x2' : '0x0';
      return `${address(index + 1).padEnd(17)}0x1         ${flags}         ${hardware}     *        ${device}`;
    }),
  );

const MOUNTS = lines([
  '22 28 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw',
  '23 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw',
  '24 28 0:5 / /dev rw,nosuid shared:2 - devtmpfs udev rw,size=1056701780k',
  '26 28 0:23 / /run rw,nosuid,nodev,noexec shared:5 - tmpfs tmpfs rw,size=211340360k,mode=755',
  '28 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg0-root rw,errors=remount-ro',
  '30 24 0:25 / /dev/shm rw,nosuid,nodev shared:4 - tmpfs tmpfs rw',
  '31 22 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate',
  '35 23 0:30 / /proc/sys/fs/binfmt_misc rw shared:15 - autofs systemd-1 rw,fd=29,direct',
  '36 24 0:31 / /dev/hugepages rw,relatime shared:16 - hugetlbfs hugetlbfs rw,pagesize=2M',
  '40 28 259:2 / /boot rw,relatime shared:30 - ext4 /dev/nvme0n1p2 rw',
  '41 40 259:1 / /boot/efi rw,relatime shared:31 - vfat /dev/nvme0n1p1 rw,fmask=0077',
  '42 28 253:0 /srv/data /export/data\\040files rw,relatime shared:1 - ext4 /dev/mapper/vg0-root rw',
  '43 28 253:1 / /var/lib/postgresql ro,noatime shared:33 master:2 - xfs /dev/mapper/vg0-pg rw,noquota',
  '44 28 9:127 / /mnt/stacked rw,relatime shared:34 - xfs /dev/md127 rw',
  '45 44 0:50 / /mnt/stacked rw,relatime shared:35 - tmpfs scratch rw,size=1048576k',
  '46 28 0:51 / /mnt/nfs rw,relatime shared:36 - nfs4 server.example:/export rw,vers=4.2,hard,addr=192.0.2.200',
  '47 28 0:52 / /mnt/nfs-dead rw,relatime shared:37 - nfs4 gone.example:/export rw,vers=4.2,hard,addr=192.0.2.201',
  '48 47 8:1 / /mnt/nfs-dead/local rw,relatime shared:38 - ext4 /dev/sda1 rw',
  '49 28 0:53 / /mnt/fuse rw,nosuid,nodev,relatime shared:39 - fuse.sshfs user@server.example:/home rw,user_id=1000,group_id=1000',
  '50 28 0:54 / /mnt/objects rw,relatime shared:40 - fuse.juicefs JuiceFS:objects rw,allow_other',
  '51 28 7:0 / /snap/core/1 ro,nodev,relatime shared:41 - squashfs /dev/loop0 ro',
  '52 28 0:55 / /var/lib/docker/overlay2/0/merged rw,relatime shared:42 - overlay overlay rw,lowerdir=l,upperdir=u,workdir=w',
  '53 26 0:56 / /run/user/1000 rw,nosuid,nodev,relatime shared:43 - tmpfs tmpfs rw,size=211340356k',
  '54 26 0:57 / /run/credentials/systemd-sysusers.service ro shared:44 - ramfs none rw,mode=700',
]);

const STATFS = lines([
  '/run\t4096\t52835090\t52830012\t52830012\t52835090\t52831001',
  '/\t4096\t244140625\t122070312\t109863281\t61054976\t50123456',
  '/boot\t4096\t249472\t190112\t172704\t65536\t65177',
  '/boot/efi\t512\t1048064\t1036032\t1036032\t0\t0',
  '/export/data\\040files\t4096\t244140625\t122070312\t109863281\t61054976\t50123456',
  '/var/lib/postgresql\t4096\t9007199254740\t1007199254740\t1007199254740\t18014398509480\t18014398500000',
  '/mnt/stacked\t4096\t262144\t262000\t262000\t264175445\t264175440',
  '/mnt/nfs\t1048576\t9536743\t4768371\t4768371\t4294967295\t4294000000',
  '/mnt/nfs-dead\thangs',
  '/mnt/nfs-dead/local\thangs',
  '/mnt/fuse\terror',
  '/mnt/objects\t65536\t17179869184\t17179000000\t17179000000\t10485760\t10400000',
  '/run/user/1000\t4096\t52835089\t52835000\t52835000\t10567017\t10566900',
]);

const LIMITS =
  'Limit                     Soft Limit           Hard Limit           Units     \n' +
  'Max open files            unlimited            unlimited            files     \n';

interface Process {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  readonly ticks: readonly [user: number, system: number];
  readonly threads: number;
  readonly startTicks: number;
  readonly rssPages: number;
}

const statOf = ({ pid, comm, state, ppid, ticks, threads, startTicks, rssPages }: Process) =>
  `${pid} (${comm}) ${state} ${ppid} ${pid} ${pid} 0 -1 4194560 1 2 3 4 ${padded(ticks)} 5 6 20 0 ` +
  `${threads} 0 ${startTicks} ${rssPages * 8192} ${rssPages} 18446744073709551615 1 1 0 0 0 0 0 ` +
  '4096 0 0 0 0 17 127 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

const process = (
  pid: number,
  comm: string,
  state: string,
  ppid: number,
  numbers: readonly [user: number, system: number, threads: number, start: number, rss: number],
): Process => {
  const [user, system, threads, startTicks, rssPages] = numbers;
  return { pid, comm, state, ppid, ticks: [user, system], threads, startTicks, rssPages };
};

const JAVA = process(
  4_012_345,
  'java',
  'S',
  1,
  [98_765_432_100, 12_345_678, 4_012, 990, 33_554_432],
);
const QEMU = process(
  902_113,
  'CPU 12/KVM',
  'R',
  1,
  [40_123_456, 9_012_345, 40, 3_000_000_000, 8_388_608],
);

const PROCESSES: readonly Process[] = [
  process(1, 'systemd', 'S', 0, [812_345, 912_345, 1, 2, 3_412]),
  process(2, 'kthreadd', 'S', 0, [0, 9_012, 1, 2, 0]),
  process(801, 'kworker/127:1H-k', 'I', 2, [0, 412, 1, 812, 0]),
  process(2_412, '(sd-pam)', 'S', 1, [0, 0, 1, 4_012, 812]),
  process(2_500, 'a) R 1 2 (b', 'Z', 2_412, [12, 3, 1, 4_100, 0]),
  process(2_501, 'tmux: server', 'D', 1, [912, 811, 1, 4_200, 1_212]),
  process(2_502, 'пекарь 中', 'T', 2_412, [9, 9, 2, 4_300, 99]),
  QEMU,
  JAVA,
];

const PROCESSES_LATER: readonly Process[] = [
  { ...JAVA, ticks: [JAVA.ticks[0] + 96_000, JAVA.ticks[1] + 1_500] },
  { ...QEMU, ticks: [QEMU.ticks[0] + 1_499, QEMU.ticks[1]] },
];

const statusOf = (comm: string, uid: number): string =>
  `Name:\t${comm}\nUmask:\t0022\nUid:\t0\t${uid}\t${uid}\t${uid}\nGid:\t0\t${uid}\t${uid}\t${uid}\n`;

const ioOf = (read: string, written: string): string =>
  `rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: ${read}\nwrite_bytes: ${written}\n` +
  'cancelled_write_bytes: 8192\n';

interface Interface {
  readonly device: string;
  readonly index: number;
  readonly link: number;
  readonly address: string;
  readonly flags: string;
  readonly speed?: string;
  readonly mtu: number;
  readonly more?: Readonly<Record<string, string | number>>;
}

const interfaceFiles = (one: Interface): readonly (readonly [string, string])[] => {
  const attributes: Readonly<Record<string, string | number>> = {
    addr_assign_type: 0,
    address: one.address,
    broadcast: 'ff:ff:ff:ff:ff:ff',
    carrier: 1,
    carrier_changes: one.index * 2,
    carrier_up_count: one.index,
    carrier_down_count: one.index,
    dev_id: '0x0',
    dormant: 0,
    flags: one.flags,
    ifalias: '',
    ifindex: one.index,
    iflink: one.link,
    link_mode: 0,
    mtu: one.mtu,
    netdev_group: 0,
    operstate: 'up',
    tx_queue_len: 1000,
    type: 1,
    'statistics/rx_nohandler': one.index * 1000,
    ...(one.speed === undefined ? {} : { speed: one.speed, duplex: 'full' }),
    ...one.more,
  };
  return Object.entries(attributes).map(([name, value]) => [
    `sys/class/net/${one.device}/${name}`,
    `${value}\n`,
  ]);
};

const INTERFACES: readonly Interface[] = [
  {
    device: 'lo',
    index: 1,
    link: 1,
    address: '00:00:00:00:00:00',
    flags: '0x9',
    mtu: 65_536,
    more: { broadcast: '00:00:00:00:00:00', operstate: 'unknown', type: 772 },
  },
  {
    device: 'eno1',
    index: 2,
    link: 2,
    address: mac(1),
    flags: '0x1803',
    speed: '100000',
    mtu: 9000,
    more: { name_assign_type: 4, dev_id: '0x1f', ifalias: 'rack 12, port "7"' },
  },
  {
    device: 'bond0',
    index: 4,
    link: 4,
    address: mac(1),
    flags: '0x1403',
    speed: '200000',
    mtu: 9000,
    more: { addr_assign_type: 1, name_assign_type: 3 },
  },
  {
    device: 'bond0.100',
    index: 5,
    link: 4,
    address: mac(1),
    flags: '0x1003',
    speed: '200000',
    mtu: 9000,
    more: { addr_assign_type: 2, name_assign_type: 3 },
  },
  {
    device: 'br0',
    index: 6,
    link: 6,
    address: mac(6),
    flags: '0x1003',
    speed: '-1',
    mtu: 1500,
    more: { addr_assign_type: 3, name_assign_type: 3, duplex: 'unknown', netdev_group: 42 },
  },
];

const stalls = (total: string): string =>
  `some avg10=12.34 avg60=5.06 avg300=0.78 total=${total}\n` +
  'full avg10=0.12 avg60=0.03 avg300=0.00 total=9007199254740993\n';

/** The tree's files by their paths in it. */
export const largeServerFiles = (): ReadonlyMap<string, string> =>
  new Map<string, string>([
    [
      'machine.tsv',
      `architecture\tx86_64\npage_size_bytes\t4096\nrecorded_at_ms\t${(BOOTED_AT + TICKS / 100) * 1000}\n` +
        'address\tbr0\tipv4\t192.0.2.250\t24\naddress\tbr0\tipv6\t2001:db8::250\t64\n' +
        'address\tppp0\tipv4\t198.51.100.7\t32\n',
    ],
    ['statfs.tsv', STATFS],
    ['proc/stat', stat(0)],
    ['later/proc/stat', stat(LATER_TICKS)],
    ['proc/uptime', `${TICKS / 100}.07 2111111111.11\n`],
    ['later/proc/uptime', `${TICKS / 100 + 15}.07 2111111975.11\n`],
    ['proc/loadavg', '131.07 99.95 1024.00 131/12345 4194301\n'],
    ['proc/meminfo', MEMINFO],
    ['proc/vmstat', VMSTAT],
    ['proc/diskstats', DISKSTATS],
    ['proc/cpuinfo', CPUINFO],
    ['proc/net/dev', NET_DEV],
    ['proc/net/netstat', NETSTAT],
    ['proc/net/snmp', SNMP],
    ['proc/net/snmp6', SNMP6],
    [
      'proc/net/sockstat',
      'sockets: used 123456\nTCP: inuse 60123 orphan 12 tw 9012 alloc 61234 mem 801234\n' +
        'UDP: inuse 300 mem 4096\nUDPLITE: inuse 0\nRAW: inuse 2\nFRAG: inuse 3 memory 12288\n',
    ],
    [
      'proc/net/sockstat6',
      'TCP6: inuse 812\nUDP6: inuse 40\nUDPLITE6: inuse 0\nRAW6: inuse 1\nFRAG6: inuse 0 memory 0\n',
    ],
    ['proc/net/softnet_stat', SOFTNET],
    ['proc/net/arp', ARP],
    ['proc/net/udp', udp(8, UDP_TITLE, 60)],
    ['proc/net/udp6', udp(32, UDP_TITLE, 20)],
    ['proc/net/stat/nf_conntrack', CONNTRACK],
    ['proc/sys/net/netfilter/nf_conntrack_count', '250066\n'],
    ['proc/sys/net/netfilter/nf_conntrack_max', '262144\n'],
    ['proc/pressure/cpu', stalls('18014398509481985')],
    ['proc/pressure/memory', stalls('9012345678')],
    ['proc/pressure/io', stalls('9012345678901234')],
    ['proc/sys/kernel/ostype', 'Linux\n'],
    ['proc/sys/kernel/osrelease', '6.8.0-45-generic\n'],
    ['proc/sys/kernel/version', '#45-Ubuntu SMP PREEMPT_DYNAMIC Fri Aug 30 12:02:04 UTC 2024\n'],
    ['proc/sys/kernel/hostname', 'big1\n'],
    ['proc/sys/kernel/domainname', 'example.com\n'],
    ['proc/sys/kernel/pid_max', '4194304\n'],
    ['proc/sys/kernel/threads-max', '16510000\n'],
    ['proc/sys/kernel/random/boot_id', '00000000-0000-4000-8000-000000000128\n'],
    ['proc/sys/kernel/random/entropy_avail', '256\n'],
    ['proc/sys/kernel/random/poolsize', '256\n'],
    ['proc/sys/fs/file-nr', '1203344\t0\t9223372036854775807\n'],
    ['proc/1/mountinfo', MOUNTS],
    ['proc/self/limits', LIMITS],
    [
      'proc/self/stat',
      statOf(process(4_000, 'guest-agent', 'R', 1, [812, 301, 11, 5_000, 12_012])),
    ],
    ...PROCESSES.map((one) => [`proc/${one.pid}/stat`, statOf(one)] as const),
    ...PROCESSES_LATER.map((one) => [`later/proc/${one.pid}/stat`, statOf(one)] as const),
    ['proc/1/status', statusOf('systemd', 0)],
    ['proc/2500/status', statusOf('a) R 1 2 (b', 1000)],
    ['proc/2502/status', statusOf('пекарь 中', 165_536)],
    ['proc/902113/status', statusOf('CPU 12/KVM', 64_055)],
    ['proc/902113/io', ioOf('9007199254740993', '12345678901234')],
    ['proc/4012345/status', statusOf('java', 999)],
    ['proc/4012345/io', ioOf('0', NEAR_2_TO_64)],
    ...INTERFACES.flatMap(interfaceFiles),
    ['sys/class/net/bonding_masters', 'bond0\n'],
    ['sys/class/dmi/id/sys_vendor', 'Google\n'],
    ['sys/class/dmi/id/product_name', 'Google Compute Engine\n'],
    [
      'sys/devices/system/clocksource/clocksource0/available_clocksource',
      'kvm-clock tsc hpet acpi_pm \n',
    ],
    ['sys/devices/system/clocksource/clocksource0/current_clocksource', 'kvm-clock\n'],
    [
      'etc/os-release',
      'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\n' +
        'VERSION="24.04.1 LTS (Noble Numbat)"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n',
    ],
    ['etc/machine-id', '00000000000040008000000000000128\n'],
    [
      'etc/passwd',
      'root:x:0:0:::\nlibvirt-qemu:x:64055:108:::\ntomcat:x:999:999:::\nann:x:1000:1000:::\n',
    ],
    ['run/cloud-init/status.json', '{"v1": {"stage": null}}\n'],
    ['run/cloud-init/result.json', '{"v1": {"datasource": "DataSourceGCE", "errors": []}}\n'],
    ['run/systemd/timesync/synchronized', ''],
    ['run/systemd/sessions/1', 'UID=1000\nUSER=ann\nACTIVE=1\n'],
    ['run/systemd/sessions/c3', 'UID=1000\nUSER=ann\nACTIVE=1\n'],
    ['run/systemd/sessions/4', 'UID=0\nUSER=root\nACTIVE=1\n'],
    [
      'run/udev/data/b259:0',
      'S:disk/by-id/nvme-SERIAL0\nE:ID_SERIAL_SHORT=SERIAL0\nE:ID_WWN=eui.0000000000000001\n' +
        'E:ID_MODEL=nvme_card-pd\nE:ID_REVISION=2\nE:ID_PATH=pci-0000:00:04.0-nvme-1\n',
    ],
    [
      'run/udev/data/b8:0',
      'E:ID_MODEL=PersistentDisk\nE:ID_REVISION=1\nE:SCSI_IDENT_SERIAL=SERIAL1\nE:ID_SERIAL_SHORT=SERIAL2\n',
    ],
  ]);
