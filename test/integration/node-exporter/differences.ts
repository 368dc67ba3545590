/** Where the agent differs from node_exporter on purpose, each with its reason. */

export interface Difference {
  /** `*` stands for anything. */
  readonly names: readonly string[];
  readonly because: string;
}

/** Families that node_exporter has under a collector that the agent has too. */
export const MISSING_FAMILIES: readonly Difference[] = [
  {
    names: ['node_processes_threads_state'],
    because: 'it takes reading every thread of every process; states of processes are there',
  },
  {
    names: ['node_disk_ata_*', 'node_disk_device_mapper_info', 'node_disk_filesystem_info'],
    because: 'what udev knows of physical disks and layers; node_disk_info identifies a disk',
  },
  {
    names: ['node_filesystem_mount_info'],
    because: 'new in 1.9: only major and minor of what node_filesystem_* name already',
  },
  {
    names: [
      'node_softnet_backlog_len',
      'node_softnet_cpu_collision_total',
      'node_softnet_flow_limit_count_total',
      'node_softnet_received_rps_total',
    ],
    because: 'newer than 1.5: only routers that spread packets over CPUs count them',
  },
  {
    names: [
      'node_cpu_info',
      'node_cpu_flag_info',
      'node_cpu_bug_info',
      'node_cpu_isolated',
      'node_cpu_online',
      'node_cpu_frequency_hertz',
      'node_cpu_*_throttles_total',
    ],
    because: 'properties of the real CPU, which a guest does not see; /info names the model',
  },
  {
    names: ['node_pressure_irq_stalled_seconds_total'],
    because: 'new in 1.9, and only kernels built with IRQ time accounting have it',
  },
  {
    names: ['node_os_support_end_timestamp_seconds'],
    because: 'new in 1.8, from a key that hardly any distribution sets',
  },
  {
    names: ['process_virtual_memory_max_bytes', 'process_network_*_bytes_total'],
    because: "of node_exporter's own process",
  },
  { names: ['node_exporter_build_info'], because: 'the agent is guest_agent_info' },
];

/** Collectors that node_exporter switches on by default and the agent does not have. */
export const MISSING_COLLECTORS: readonly Difference[] = [
  {
    names: [
      'bonding',
      'cpufreq',
      'dmi',
      'edac',
      'fibrechannel',
      'hwmon',
      'infiniband',
      'mdadm',
      'nvme',
      'powersupplyclass',
      'rapl',
      'tapestats',
      'thermal_zone',
      'watchdog',
    ],
    because: 'hardware that the hypervisor has and a guest has not',
  },
  {
    names: ['bcache', 'btrfs', 'xfs', 'zfs'],
    because: 'the inside of one kind of filesystem; the space of all kinds is in filesystem',
  },
  { names: ['ipvs', 'nfs', 'nfsd'], because: 'services that hardly any guest runs' },
  {
    names: ['schedstat'],
    because: 'two numbers per CPU; how long tasks wait for a CPU is in pressure',
  },
  { names: ['selinux'], because: 'a setting, which does not change while a guest runs' },
  {
    names: ['systemd'],
    because: "on in Debian's package only, and asks systemd over D-Bus: the agent reads files",
  },
  { names: ['textfile'], because: 'numbers that others write; the agent tells what it has read' },
  {
    names: ['timex'],
    because:
      'adjtimex(2) is a system call that no file shows; guest_agent_clock_synchronized says ' +
      'whether a time service holds the clock',
  },
];

/** Families that only the agent has, although their names are node_exporter's. */
export const ADDED_FAMILIES: readonly Difference[] = [
  {
    names: ['node_memory_*'],
    because:
      'since 1.9 node_exporter shows the lines of /proc/meminfo that it knows; the agent all',
  },
];

/** Labels that node_exporter has and the agent has not, on families that are otherwise the same. */
export const MISSING_LABELS: readonly (Difference & { readonly label: string })[] = [
  {
    names: ['node_filesystem_*'],
    label: 'device_error',
    because: 'new in 1.8: the text of the error; the agent has it in the JSON sample',
  },
  {
    names: ['node_network_info'],
    label: 'adminstate',
    because: 'new in 1.6: whether somebody switched the interface on; node_network_flags has it',
  },
  {
    names: ['node_disk_info'],
    label: 'rotational',
    because: 'new in 1.9: virtual disks do not know what they lie on',
  },
];

/** Series whose values differ, on families that are otherwise the same. */
export const DIFFERENT_VALUES: readonly (Difference & { readonly series: string })[] = [
  {
    names: ['node_scrape_collector_success'],
    series: '{"collector":"pressure"}',
    because: 'since 1.9 node_exporter calls it failed where the kernel does not count IRQs',
  },
];
