#!/bin/sh
# Builds what a test guest boots from, in the folder that is named first: vmlinuz and root.img.
# Debian, of this machine's release and from its sources, with the cloud kernel, in which NVMe and
# ext4 are built in, so that no initrd is needed. Named second is what starts services in it: systemd,
# or openrc with the init of System V.
set -eu

out=$1
init=$2
work=$(mktemp -d "$out/build.XXXXXX")
# mmdebstrap mounts /proc and /dev below it.
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' INT TERM
root=$work/root

case $init in
  systemd) packages=systemd-sysv,dbus ;;
  openrc) packages=openrc,sysvinit-core,ifupdown,isc-dhcp-client,rsyslog ;;
  *) echo "there are guests with systemd and with openrc, not with $init" >&2 && exit 2 ;;
esac

# What is installed from another suite than the machine's own would need its keys.
# shellcheck source=/dev/null
. /etc/os-release
test "${ID:-}" = debian || { echo "this builds on Debian only, not on ${ID:-unknown}" >&2; exit 3; }

# shellcheck disable=SC2016 # Apt fills these in.
mirror_of_lists() {
  apt-get "$@" indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk -v suite="$VERSION_CODENAME" '$2 == suite { print $1; exit }'
}
set -- -o APT::Sandbox::User=root
mirror=$(mirror_of_lists "$@")
if [ -z "$mirror" ]; then
  # Images of containers come without the lists of packages.
  set -- "$@" -o Dir::State::lists="$work/lists" -o Acquire::Languages=none
  mkdir -p "$work/lists/partial"
  apt-get "$@" update -qq
  mirror=$(mirror_of_lists "$@")
fi
sources=$work/sources.list
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $VERSION_CODENAME main" >"$sources"

# The proxy and the certificates of this machine's apt, where it has any.
apt-config dump | grep -E '^Acquire::(http|https)' >"$work/apt.conf" || true

cd "$work"
kernel=$(apt-cache "$@" depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
apt-get "$@" download -qq "$kernel"
dpkg-deb -x ./linux-image-*.deb kernel
cp kernel/boot/vmlinuz-* "$out/vmlinuz"
version=$(basename "$(echo kernel/lib/modules/*)")

mmdebstrap --quiet --variant=minbase --mode=root --format=directory \
  --aptopt="$work/apt.conf" --aptopt='Apt::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$packages,udev,kmod,cloud-init,iproute2,curl,ca-certificates,netbase,procps" \
  "$VERSION_CODENAME" "$root" "$sources"

# Modules of virtio: the network, the serial port, the random numbers; and the power button.
modules=lib/modules/$version
for module in virtio virtio_ring virtio_pci virtio_pci_legacy_dev virtio_pci_modern_dev virtio_net \
  net_failover failover virtio_console virtio-rng virtio_balloon rng-core button evdev isofs cdrom \
  nls_iso8859-1 nls_utf8 vfat fat; do
  file=$(cd kernel && find "$modules" -name "$module.ko*" | head -n 1)
  test -z "$file" || { mkdir -p "$root/$(dirname "$file")"; cp "kernel/$file" "$root/$file"; }
done
for list in modules.order modules.builtin modules.builtin.modinfo; do
  cp "kernel/$modules/$list" "$root/$modules/$list"
done
chroot "$root" depmod "$version"

cat >"$root/etc/cloud/cloud.cfg.d/90-test.cfg" <<'CFG'
datasource_list: [NoCloud, None]
network: {config: disabled}
cloud_init_modules: [seed_random, write-files, set_hostname, update_hostname]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts-vendor, scripts-user, final-message]
CFG
# The check of a file system would look for its device by a name that is not there.
echo 'LABEL=root / ext4 defaults,noatime 0 0' >"$root/etc/fstab"
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id"
printf '%s\n' virtio_net virtio_console virtio_balloon virtio-rng >"$root/etc/modules"

# A test looks into the guest over its second serial port, past the product and its network. Each
# line is one command, in base64.
cat >"$root/usr/local/sbin/test-shell" <<'SHELL'
#!/bin/sh
exec </dev/ttyS1 >/dev/ttyS1 2>&1
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
stty raw -echo
while IFS= read -r line; do
  printf %s "$line" | base64 -d >/run/test-shell.sh
  sh /run/test-shell.sh </dev/null 2>&1
done
SHELL
chmod 755 "$root/usr/local/sbin/test-shell"

set_up_systemd() {
  chroot "$root" systemctl enable -q systemd-networkd
  printf '[Match]\nName=eth0\n[Network]\nDHCP=yes\n' >"$root/etc/systemd/network/10-eth0.network"
  chroot "$root" systemctl mask -q apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer fstrim.timer systemd-networkd-wait-online.service getty@tty1.service \
    systemd-timesyncd.service
  cat >"$root/etc/systemd/system/test-shell.service" <<'UNIT'
[Unit]
Description=A shell for the test, on the second serial port
[Service]
ExecStart=/usr/local/sbin/test-shell
Restart=always
[Install]
WantedBy=basic.target
UNIT
  chroot "$root" systemctl enable -q test-shell.service
}

set_up_openrc() {
  printf 'auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n' >"$root/etc/network/interfaces"
  # There is no screen for a login.
  sed -i '/getty/d' "$root/etc/inittab"
  # Debian's syslog has a script for systemd only. Its file is there before the agent looks for one, as
  # it is on any machine that has booted before.
  : >"$root/var/log/syslog"
  printf '%s\n' 'sh:2345:respawn:/usr/local/sbin/test-shell' 'sy:2345:respawn:/usr/sbin/rsyslogd -n' \
    >>"$root/etc/inittab"
}
"set_up_$init"

# Sparse, and read only: QEMU keeps what a guest writes elsewhere.
mke2fs -q -t ext4 -O ^has_journal -L root -d "$root" "$out/root.img" 1536M
