#!/bin/busybox sh
# The only program of the guest: starts both agents, waits calm_seconds, takes all memory for
# pressure_seconds, lets go. The kernel gives its own unknown parameters as variables. What the
# test reads begins with "mark".
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t tmpfs tmpfs /tmp
for module in failover net_failover virtio_ring virtio virtio_pci_legacy_dev \
  virtio_pci_modern_dev virtio_pci virtio_net; do
  $b insmod "/modules/$module.ko"
done
$b ifconfig lo 127.0.0.1 up
$b ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
$b route add default gw 10.0.2.2

/bin/guest-agent --config /etc/agent.json --listen 0.0.0.0:9101 2>/tmp/agent.log &
agent=$!
/bin/node_exporter --web.listen-address=0.0.0.0:9102 >/tmp/exporter.log 2>&1 &
exporter=$!
echo "mark started"

resident() {
  echo "mark resident $1 agent $($b awk '/^VmRSS/ { print $2 }' /proc/$agent/status)"
  echo "mark resident $1 exporter $($b awk '/^VmRSS/ { print $2 }' /proc/$exporter/status)"
}

# How often a page of it had to be read from the disk, since it began; the 12th field of stat.
faults() {
  echo "mark faults $1 agent $($b awk '{ print $12 }' /proc/$agent/stat)"
  echo "mark faults $1 exporter $($b awk '{ print $12 }' /proc/$exporter/stat)"
}

$b sleep "$calm_seconds"
resident calm
faults calm
echo "mark pressure"
# The page cache: a file that is larger than the memory, again and again.
(while :; do $b cat /large >/dev/null; done) &
# Anonymous memory, quickly at first and a megabyte a second at the end, until the kernel kills it.
(while :; do
  $b awk 'BEGIN {
    megabyte = "x"
    while (length(megabyte) < 1048576) megabyte = megabyte megabyte
    for (;;) {
      while ((getline line < "/proc/meminfo") > 0) {
        if (line ~ /^MemAvailable/) { split(line, fields, " "); kilobytes = fields[2] }
      }
      close("/proc/meminfo")
      held[count++] = megabyte count
      if (kilobytes < 20000) system("/bin/busybox sleep 1")
    }
  }'
done) 2>/dev/null &
(while :; do $b sleep 5; resident pressure; done) &
$b sleep "$pressure_seconds"
# All of the above; this one has process number 1 and cannot be killed.
$b killall -9 init busybox
faults pressure
echo "mark released"
while :; do $b sleep 1000; done
