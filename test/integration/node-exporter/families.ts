/**
 * What the agent shares with node_exporter, family by family: how the values of the two are
 * compared, and by how much they may differ. The first row that matches a family counts.
 */

export type ValueRule =
  /** The same number, or text, in both. */
  | { readonly kind: 'constant' }
  /** Read between two readings of the agent, which never fall, it lies between them. */
  | { readonly kind: 'counter'; readonly slack?: number; readonly because?: string }
  /** As close to two readings of the agent as the slack says. */
  | { readonly kind: 'gauge'; readonly slack: number; readonly because: string }
  /** Each program tells it of itself: only type and labels can be the same. */
  | { readonly kind: 'own'; readonly because: string };

export interface FamilyRow {
  /** As both programs call it; undefined for what belongs to no collector. */
  readonly collector: string | undefined;
  /** `*` stands for anything. */
  readonly families: readonly string[];
  readonly value: ValueRule;
  /** Why one of the two may have a series that the other has not. */
  readonly fleeting?: string;
  /** Which machines have the family; without it all have. */
  readonly onlyWith?: string;
}

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

const constant: ValueRule = { kind: 'constant' };
const counter: ValueRule = { kind: 'counter' };
const gauge = (slack: number, because: string): ValueRule => ({ kind: 'gauge', slack, because });

const movesAlways = 'it moves between two reads';

export const FAMILIES: readonly FamilyRow[] = [
  {
    collector: 'arp',
    families: ['node_arp_entries'],
    value: gauge(2, 'neighbours come and go'),
    fleeting: 'a device has a series only while it has a neighbour',
    onlyWith: 'a neighbour',
  },
  {
    collector: 'conntrack',
    families: ['node_nf_conntrack_entries_limit'],
    value: constant,
    onlyWith: 'nf_conntrack',
  },
  {
    collector: 'conntrack',
    families: ['node_nf_conntrack_entries'],
    value: gauge(32, movesAlways),
    onlyWith: 'nf_conntrack',
  },
  {
    collector: 'conntrack',
    families: ['node_nf_conntrack_stat_*'],
    value: counter,
    onlyWith: 'nf_conntrack',
  },
  {
    collector: 'cpu',
    families: ['node_cpu_seconds_total', 'node_cpu_guest_seconds_total'],
    value: {
      kind: 'counter',
      slack: 0.1,
      because:
        'the kernel takes back a few ticks of idle and iowait now and then, and each program holds ' +
        'on to what it has shown itself',
    },
  },
  {
    collector: 'diskstats',
    families: ['node_disk_info'],
    value: constant,
    onlyWith: 'a disk',
  },
  {
    collector: 'diskstats',
    families: ['node_disk_io_now'],
    value: gauge(16, movesAlways),
    onlyWith: 'a disk',
  },
  {
    collector: 'diskstats',
    families: ['node_disk_*_total'],
    value: counter,
    onlyWith: 'a disk',
  },
  {
    collector: 'entropy',
    families: ['node_entropy_available_bits'],
    value: gauge(32, movesAlways),
  },
  { collector: 'entropy', families: ['node_entropy_pool_size_bits'], value: constant },
  {
    collector: 'filefd',
    families: ['node_filefd_allocated'],
    value: gauge(64, 'both programs open files to answer'),
  },
  { collector: 'filefd', families: ['node_filefd_maximum'], value: constant },
  {
    collector: 'filesystem',
    families: ['node_filesystem_avail_bytes', 'node_filesystem_free_bytes'],
    value: gauge(16 * MEBIBYTE, 'others write'),
    onlyWith: 'a filesystem of its own',
  },
  {
    collector: 'filesystem',
    families: ['node_filesystem_files', 'node_filesystem_files_free'],
    value: gauge(256, 'others create files, and XFS makes inodes when it needs them'),
    onlyWith: 'a filesystem of its own',
  },
  {
    collector: 'filesystem',
    families: [
      'node_filesystem_size_bytes',
      'node_filesystem_readonly',
      'node_filesystem_device_error',
    ],
    value: constant,
    onlyWith: 'a filesystem of its own',
  },
  {
    collector: 'loadavg',
    families: ['node_load1', 'node_load5', 'node_load15'],
    value: gauge(0.1, 'the kernel computes it anew every five seconds'),
  },
  {
    collector: 'meminfo',
    families: [
      'node_memory_MemTotal_bytes',
      'node_memory_SwapTotal_bytes',
      'node_memory_HugePages_*',
      'node_memory_Hugepagesize_bytes',
    ],
    value: constant,
  },
  {
    collector: 'meminfo',
    families: ['node_memory_*_bytes'],
    value: gauge(4 * MEBIBYTE, 'memory moves all the time, that of the two programs too'),
  },
  {
    collector: 'netclass',
    families: [
      'node_network_carrier_changes_total',
      'node_network_carrier_up_changes_total',
      'node_network_carrier_down_changes_total',
    ],
    value: counter,
  },
  {
    collector: 'netdev',
    families: ['node_network_receive_*_total', 'node_network_transmit_*_total'],
    value: counter,
  },
  {
    collector: 'netclass',
    families: ['node_network_speed_bytes', 'node_network_name_assign_type'],
    value: constant,
    onlyWith: 'a network interface that tells it',
  },
  { collector: 'netclass', families: ['node_network_*'], value: constant },
  { collector: 'netstat', families: ['node_netstat_Ip_Forwarding'], value: constant },
  {
    collector: 'netstat',
    families: ['node_netstat_Tcp_CurrEstab'],
    value: gauge(8, 'each question of this comparison is a connection'),
  },
  { collector: 'netstat', families: ['node_netstat_*'], value: counter },
  { collector: 'os', families: ['node_os_info'], value: constant },
  {
    collector: 'os',
    families: ['node_os_version'],
    value: constant,
    onlyWith: 'a distribution that has a version number',
  },
  {
    collector: 'pressure',
    families: ['node_pressure_*_seconds_total'],
    value: counter,
    onlyWith: 'a kernel with PSI',
  },
  {
    collector: 'processes',
    families: ['node_processes_max_processes', 'node_processes_max_threads'],
    value: constant,
  },
  {
    collector: 'processes',
    families: ['node_processes_pids', 'node_processes_threads'],
    value: gauge(32, 'the agent counts processes at most every ten seconds'),
  },
  {
    collector: 'processes',
    families: ['node_processes_state'],
    value: gauge(32, 'the agent counts processes at most every ten seconds'),
    fleeting: 'a state has a series only while a process is in it',
  },
  {
    collector: 'sockstat',
    families: ['node_sockstat_*_mem_bytes'],
    value: gauge(128 * KIBIBYTE, movesAlways),
  },
  {
    collector: 'sockstat',
    families: ['node_sockstat_*'],
    value: gauge(32, 'each question of this comparison is a socket'),
  },
  { collector: 'softnet', families: ['node_softnet_*_total'], value: counter },
  {
    collector: 'stat',
    families: ['node_boot_time_seconds'],
    value: gauge(1, 'the kernel computes it from two clocks, and rounds'),
  },
  {
    collector: 'stat',
    families: ['node_procs_running', 'node_procs_blocked'],
    value: gauge(8, movesAlways),
  },
  {
    collector: 'stat',
    families: ['node_context_switches_total', 'node_forks_total', 'node_intr_total'],
    value: counter,
  },
  { collector: 'time', families: ['node_time_seconds'], value: counter },
  { collector: 'time', families: ['node_time_zone_offset_seconds'], value: constant },
  {
    collector: 'time',
    families: ['node_time_clocksource_*_info'],
    value: constant,
    onlyWith: 'a clock source in /sys',
  },
  {
    collector: 'udp_queues',
    families: ['node_udp_queues'],
    value: gauge(64 * KIBIBYTE, movesAlways),
  },
  { collector: 'uname', families: ['node_uname_info'], value: constant },
  { collector: 'vmstat', families: ['node_vmstat_*'], value: counter },
  {
    collector: undefined,
    families: ['node_scrape_collector_success'],
    value: constant,
    fleeting: 'node_exporter has more collectors',
  },
  {
    collector: undefined,
    families: ['node_scrape_collector_duration_seconds'],
    value: { kind: 'own', because: 'each program measures itself' },
    fleeting: 'node_exporter has more collectors',
  },
  {
    collector: undefined,
    families: ['process_*'],
    value: { kind: 'own', because: 'each program tells of its own process' },
  },
];

export const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'u').test(name);

export const rowOf = (name: string): FamilyRow | undefined =>
  FAMILIES.find(({ families }) => families.some((pattern) => matches(pattern, name)));
