#!/bin/sh
# Makes a VM work, so that its charts move: CPU, disk and network, over and over, until Ctrl-C.
#
#   sh stress.sh [SECONDS]
#
# What to expect of each round of about 1.4 s, on a VM with N CPUs:
#   CPU       60 to 90 % of one of them: 60 to 90 / N in all
#   memory    hardly anything, besides the cache (which does not count as used)
#   disk      20 MB written, so 10 to 20 MB/s; read as much where dd can go around the cache
#   network   300 to 500 bytes/s each way: pings of the default gateway, and of nothing else
# Files go to STRESS_DIR (/var/tmp, which is on a disk where /tmp may be in memory).

set -u
seconds=${1:-0}
case $seconds in *[!0-9]*) echo "usage: sh stress.sh [SECONDS]" >&2 && exit 2 ;; esac
file=${STRESS_DIR:-/var/tmp}/innkeeper-stress.$$
started=$(date +%s)
busy=''

stop() {
  [ -z "$busy" ] || kill "$busy" 2>/dev/null
  rm -f "$file"
}
trap stop EXIT
trap 'exit 0' HUP INT TERM

gateway=$(ip route show default 2>/dev/null | sed -n 's/.* via \([0-9.]*\).*/\1/p' | head -n 1)
if [ -z "$gateway" ] || ! command -v ping >/dev/null 2>&1; then
  echo 'no default gateway, or no ping: the network is left alone' >&2
  gateway=''
fi

while [ "$seconds" -eq 0 ] || [ $(($(date +%s) - started)) -lt "$seconds" ]; do
  yes >/dev/null &
  busy=$!
  sleep 0.8
  kill "$busy" 2>/dev/null
  wait "$busy" 2>/dev/null
  busy=''
  dd if=/dev/zero of="$file" bs=1M count=20 conv=fsync 2>/dev/null ||
    { echo "cannot write 20 MB to ${file%/*}" >&2 && exit 1; }
  dd if="$file" of=/dev/null bs=1M iflag=direct 2>/dev/null || dd if="$file" of=/dev/null bs=1M 2>/dev/null
  rm -f "$file"
  [ -z "$gateway" ] || ping -c 5 "$gateway" >/dev/null 2>&1 &
  sleep 0.5
done
