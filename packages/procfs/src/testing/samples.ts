/** One valid file for each parser, as real kernels print them; shortened where it repeats. */

export const STAT = `cpu  1424 10 1143 88097 58 0 25 5 3 2
cpu0 646 5 539 44166 4 0 9 1 1 1
cpu1 777 5 604 43931 54 0 16 3 2 1
intr 119083 0 9 0 0 0 0 0 0 0 0 0 0 15 0 0 0 29 0 0
ctxt 204953
btime 1759912345
processes 3152
procs_running 1
procs_blocked 0
softirq 51434 1 9823 2 4931 0 0 21 16932 0 19724
`;

export const MEMINFO = `MemTotal:        4028780 kB
MemFree:          210484 kB
MemAvailable:    2926544 kB
Buffers:          153544 kB
Cached:          2472640 kB
SwapCached:            4 kB
Active(anon):     504124 kB
SwapTotal:       1048572 kB
SwapFree:        1047804 kB
HugePages_Total:       0
HugePages_Free:        0
Hugepagesize:       2048 kB
DirectMap4k:       98156 kB
`;

export const DISKSTATS = `   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 8391 1187 660906 2953 37422 29321 1338746 21212 0 19836 28054 12 0 96 7 5210 3881
 254       1 vda1 8303 1187 657754 2928 35613 29321 1338736 20012 0 17192 22940 0 0 0 0 0 0
`;

export const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:   62850      62    0    0    0     0          0         0    62850      62    0    0    0     0       0          0
  eth0: 223819634    6746    1    2    3     4          5         6   432755    3982    7    8    9    10      11         12
`;

export const NET_SNMP = `Ip: Forwarding DefaultTTL InReceives
Ip: 2 64 6805
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens CurrEstab
Tcp: 1 200 120000 -1 22 3
Udp: InDatagrams NoPorts InErrors
Udp: 58 0 0
`;

export const NET_SNMP6 = `Ip6InReceives                   \t123
Ip6OutNoRoutes                  \t4
Icmp6OutType135                 \t5
Udp6InDatagrams                 \t6
UdpLite6InErrors                \t0
`;

export const SOCKSTAT = `sockets: used 112
TCP: inuse 12 orphan 0 tw 3 alloc 14 mem 378
UDP: inuse 2 mem 1
FRAG: inuse 0 memory 0
`;

export const SOFTNET_STAT = `00000011 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
00001a87 00000002 0000000b 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000003 00000000 00000000
`;

export const PRESSURE = `some avg10=0.60 avg60=0.38 avg300=0.50 total=4094419
full avg10=0.00 avg60=0.01 avg300=0.00 total=410240
`;

export const VMSTAT = `nr_free_pages 914805
nr_zone_inactive_anon 26717
pgpgin 340717
pswpin 0
oom_kill 0
`;

export const MOUNTINFO = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
36 27 98:0 /mnt1 /mnt\\040two ro,noatime shared:5 master:1 - ext3 /dev/root rw
`;

export const PID_STAT =
  '3141 (cat) R 3133 3133 2491 0 -1 4194304 102 0 0 0 12 7 0 0 20 0 1 0 45490 3133440 407 ' +
  '18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

export const PID_STATUS = `Name:\tsshd
Umask:\t0022
State:\tS (sleeping)
Uid:\t1000\t0\t0\t0
Gid:\t100\t101\t101\t101
VmPeak:\t   15852 kB
VmRSS:\t    7088 kB
VmSwap:\t     124 kB
Threads:\t1
`;

export const PID_IO = `rchar: 7273
wchar: 297
syscr: 12
syscw: 1
read_bytes: 4096
write_bytes: 8192
cancelled_write_bytes: 512
`;

export const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max processes             96365                96365                processes 
Max open files            1024                 524288               files     
Max locked memory         8388608              8388608              bytes     
`;

export const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID='12'
ID=debian
`;

export const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
`;

export const ARP = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
192.0.2.77       0x1         0x0         00:00:00:00:00:00     *        eth0
`;

export const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
  512: 00000000:0044 00000000:0000 07 00000010:00000A00 00:00000000 00000000     0        0 15871 2 00000000e6b7a5d8 0         
  591: 0100007F:0143 00000000:0000 07 00000001:000000FF 00:00000000 00000000   106        0 16222 2 00000000ae33b2a9 0         
`;

export const CONNTRACK_STAT = `entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
0000001f  00000000 00000003 00000000 0000000a 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000  00000000 00000000 00000000 00000001
0000001f  00000000 00000004 00000000 00000005 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000  00000000 00000000 00000000 00000002
`;

export const UDEV_DATA = `S:disk/by-uuid/0b2dd3a1
I:1839245
E:ID_FS_TYPE=ext4
E:ID_PATH=pci-0000:00:05.0
G:systemd
`;

export const CMDLINE = 'firecracker\0--id\0vm-1\0--api-sock\0/run/fc/vm-1.socket\0';

export const PID_CGROUP = `12:cpu,cpuacct:/machine/qemu-1-web.libvirt-qemu
9:memory:/machine/qemu-1-web.libvirt-qemu
1:name=systemd:/machine.slice/machine-qemu\\x2d1\\x2dweb.scope
0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator
`;

export const CGROUP_CPU_STAT = `usage_usec 1694419
user_usec 1010410
system_usec 684009
nr_periods 0
`;

export const SMAPS_ROLLUP = `555d3a600000-7ffd1a1f0000 ---p 00000000 00:00 0                          [rollup]
Rss:              268412 kB
Pss:              262144 kB
Pss_Anon:         261000 kB
Swap:                 12 kB
SwapPss:              12 kB
`;

export const TUN_FDINFO = `pos:\t0
flags:\t02104002
mnt_id:\t26
ino:\t93
iff:\ttap0
`;
