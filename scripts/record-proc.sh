#!/bin/sh
# Records the files that the guest agent reads from the running machine, as a tree that tests replay:
#
#   scripts/record-proc.sh <target-dir> [pid...]
#
# for example scripts/record-proc.sh test/fixtures/machines/debian-12-vm 1 2 431
#
# The tree holds proc/, sys/, etc/ and run/ with plain files and real directories (no links), and
#   machine.tsv  what no file tells: architecture, page size, time of the recording
#   statfs.tsv   what statfs(2) says of each mount point; mount points are escaped as in mountinfo
#   later/       those files again that count CPU time, 15 seconds later
# What cannot be read here (no such hardware, an old kernel, no permission) is not in the tree.
#
# Without pids it takes 1, 2, itself and the first five others. Works as root and without, with GNU
# or busybox tools. Host name, ids of machine and boot, MAC and IP addresses, serial numbers, servers
# of network mounts and names of people are replaced. Names of processes, mount points and interfaces
# are not: read the tree before you commit it.
set -eu
LC_ALL=C
export LC_ALL
umask 022

usage() {
  echo "usage: $0 <target-dir> [pid...]" >&2
  exit 64
}

[ $# -ge 1 ] || usage
case $1 in -*) usage ;; esac
target=$1
shift
if [ -e "$target" ] && [ -n "$(ls -A "$target")" ]; then
  echo "$0: $target is not empty" >&2
  exit 73
fi
mkdir -p "$target"

LATER_SECONDS=15
ZERO_ID=00000000000040008000000000000000
ZERO_UUID=00000000-0000-4000-8000-000000000000

# Copies a file of the machine into the tree, through a filter (a command and its arguments).
# A file that cannot be opened, or answers with an error (speed of a link that is down), is left out.
record() {
  from=$1
  to=$target/${2:-}${from#/}
  shift
  [ $# -eq 0 ] || shift
  if [ ! -f "$from" ] || [ ! -r "$from" ]; then return 0; fi
  mkdir -p "${to%/*}"
  if cat "$from" >"$to.raw" 2>/dev/null; then
    if [ $# -eq 0 ]; then cat "$to.raw" >"$to"; else "$@" <"$to.raw" >"$to"; fi
  fi
  rm -f "$to.raw"
}

put() {
  mkdir -p "$target/${1%/*}"
  printf '%s\n' "$2" >"$target/$1"
}

without_macs() {
  sed -E -e 's/(00:){5}00/@/g' -e 's/([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}/02:00:00:00:01:00/g' \
    -e 's/@/00:00:00:00:00:00/g'
}

# Neighbours become 192.0.2.1, 192.0.2.2, … (RFC 5737), in columns of the same width.
without_neighbours() {
  awk 'NR > 1 { sub(/^[0-9.]+ */, sprintf("%-17s", "192.0.2." (NR - 1) % 256)) } { print }' |
    without_macs
}

without_addresses() {
  sed -E -e 's/ [0-9A-F]{8}:([0-9A-F]{4})/ 00000000:\1/g' \
    -e 's/ [0-9A-F]{32}:([0-9A-F]{4})/ 00000000000000000000000000000000:\1/g'
}

# Servers, their addresses, and the long ids in the paths of containers.
without_servers() {
  sed -E -e 's/ - (nfs4?) [^ ]*:\// - \1 server.example:\//' \
    -e 's/ - (cifs|smb3) [^ ]*\/([^/ ]*) / - \1 \/\/server.example\/\2 /' \
    -e 's/ - (fuse\.sshfs) [^ ]*:/ - \1 user@server.example:/' \
    -e 's/(addr|username|domain|ip)=[^, ]*/\1=x/g' \
    -e "s/[0-9a-f]{64}/$(printf '%064d' 0)/g" \
    -e "s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/$ZERO_UUID/g"
}

without_serial() {
  sed -E 's/^(Serial[^:]*: ).*/\10000000000000000/'
}

udev_properties() {
  sed -E -n -e 's/^(E:(ID_SERIAL_SHORT|SCSI_IDENT_SERIAL)=).*/\1SERIAL0/' \
    -e 's/^(E:ID_WWN=).*/\10x0000000000000000/' \
    -e '/^E:(ID_MODEL|ID_PATH|ID_REVISION|ID_SERIAL_SHORT|SCSI_IDENT_SERIAL|ID_WWN)=/p'
}

# Users of the system, without what people wrote about themselves.
system_users() {
  awk -F: '$3 < 1000 || $3 == 65534 { print $1 ":x:" $3 ":" $4 ":::" }'
}

record_proc() {
  for name in stat meminfo loadavg uptime vmstat diskstats \
    net/dev net/netstat net/snmp net/snmp6 net/sockstat net/sockstat6 net/softnet_stat \
    net/stat/nf_conntrack pressure/cpu pressure/memory pressure/io pressure/irq \
    sys/kernel/ostype sys/kernel/osrelease sys/kernel/version sys/kernel/pid_max \
    sys/kernel/threads-max sys/kernel/random/entropy_avail sys/kernel/random/poolsize \
    sys/fs/file-nr sys/net/netfilter/nf_conntrack_count sys/net/netfilter/nf_conntrack_max; do
    record "/proc/$name"
  done
  record /proc/cpuinfo '' without_serial
  record /proc/net/arp '' without_neighbours
  record /proc/net/udp '' without_addresses
  record /proc/net/udp6 '' without_addresses
  record /proc/1/mountinfo '' without_servers
  put proc/sys/kernel/hostname recorded
  put proc/sys/kernel/domainname '(none)'
  put proc/sys/kernel/random/boot_id "$ZERO_UUID"
  # The agent is "self" in its own life; here it is this shell.
  for name in stat limits; do
    record "/proc/$$/$name"
  done
  record "/proc/$$/mountinfo" '' without_servers
  mkdir -p "$target/proc/self"
  mv "$target/proc/$$/"* "$target/proc/self/"
  rmdir "$target/proc/$$"
}

some_pids() {
  printf '1\n2\n%s\n' $$
  for directory in /proc/[0-9]*; do echo "${directory#/proc/}"; done |
    sort -n | grep -vxE "1|2|$$" | head -n 5
}

record_processes() {
  for pid in "$@"; do
    for name in stat status io; do
      record "/proc/$pid/$name"
    done
  done
}

record_interface() {
  device=$1
  for name in addr_assign_type carrier carrier_changes carrier_up_count carrier_down_count dev_id \
    dormant flags ifindex iflink link_mode mtu name_assign_type netdev_group tx_queue_len type \
    speed broadcast duplex operstate statistics/rx_nohandler; do
    record "/sys/class/net/$device/$name"
  done
  record "/sys/class/net/$device/address" '' without_macs
  if [ -r "/sys/class/net/$device/ifalias" ]; then
    put "sys/class/net/$device/ifalias" ''
  fi
}

record_sys() {
  for path in /sys/class/net/*; do
    device=${path##*/}
    case $device in
      *[!A-Za-z0-9._:@-]*) echo "$0: left out interface $device: its name is no file name" >&2 ;;
      *) if [ -d "$path" ]; then record_interface "$device"; else record "$path"; fi ;;
    esac
  done
  record /sys/class/dmi/id/sys_vendor
  record /sys/class/dmi/id/product_name
  record /sys/hypervisor/type
  for path in /sys/devices/system/clocksource/clocksource*; do
    record "$path/available_clocksource"
    record "$path/current_clocksource"
  done
}

record_etc_and_run() {
  record /etc/os-release
  [ -e /etc/os-release ] || record /usr/lib/os-release
  record /etc/passwd '' system_users
  [ ! -s /etc/machine-id ] || put etc/machine-id "$ZERO_ID"
  for path in /run/udev/data/b*; do
    record "$path" '' udev_properties
  done
  if [ -d /run/systemd/timesync ]; then
    put run/systemd/timesync/.directory ''
    [ ! -e /run/systemd/timesync/synchronized ] || put run/systemd/timesync/synchronized ''
  fi
  if [ -d /run/systemd/sessions ]; then
    put run/systemd/sessions/.directory ''
    for path in /run/systemd/sessions/*; do
      [ ! -f "$path" ] || put "run/systemd/sessions/${path##*/}" 'USER=somebody'
    done
  fi
  [ ! -e /run/cloud-init/status.json ] || put run/cloud-init/status.json '{}'
  [ ! -e /run/cloud-init/result.json ] || put run/cloud-init/result.json '{"v1": {"errors": []}}'
}

# A dead network mount must not keep the recording waiting for ever.
stat_filesystem() {
  if command -v timeout >/dev/null 2>&1; then
    timeout 5 stat -f -c '%s	%b	%f	%a	%c	%d' "$1"
  else
    stat -f -c '%s	%b	%f	%a	%c	%d' "$1"
  fi
}

# Mount points are asked by their real names, and written as mountinfo writes them.
record_statfs() {
  mounts=$target/proc/1/mountinfo
  [ -s "$mounts" ] || mounts=$target/proc/self/mountinfo
  echo '# mount point, block size, blocks, free, available, files, files free' >"$target/statfs.tsv"
  [ -s "$mounts" ] || return 0
  cut -d ' ' -f 5 "$mounts" | sort -u | while IFS= read -r escaped; do
    # shellcheck disable=SC2059,SC1003 # The escapes of mountinfo, \040, are \0040 to printf %b.
    point=$(printf '%b.' "$(printf '%s' "$escaped" | sed 's/\\/\\0/g')")
    numbers=$(stat_filesystem "${point%.}" 2>/dev/null) || numbers=error
    printf '%s\t%s\n' "$escaped" "$numbers"
  done >>"$target/statfs.tsv"
}

record_machine() {
  page_size=$(getconf PAGESIZE 2>/dev/null) || page_size=4096
  {
    printf 'architecture\t%s\n' "$(uname -m)"
    printf 'page_size_bytes\t%s\n' "$page_size"
    printf 'recorded_at_ms\t%s000\n' "$(date +%s)"
  } >"$target/machine.tsv"
}

record_later() {
  for name in stat uptime loadavg; do
    record "/proc/$name" later/
  done
  for pid in "$@"; do
    record "/proc/$pid/stat" later/
  done
}

# shellcheck disable=SC2046 # One word for each pid.
[ $# -gt 0 ] || set -- $(some_pids)
record_machine
record_proc
record_processes "$@"
record_sys
record_etc_and_run
record_statfs
sleep "$LATER_SECONDS"
record_later "$@"
echo "recorded $(find "$target" -type f | wc -l) files in $target; read them before you commit them"
