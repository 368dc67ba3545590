/** What each distribution needs before a way to install the agent works there, as lines to paste. */

export interface DistributionStep {
  readonly text: string;
  readonly line?: string;
}

export interface Distribution {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly DistributionStep[];
}

/** As disk.qcow2, which is what the lines for virt-install and QEMU take. */
const fetchImage = (url: string): string =>
  `curl -fL -o disk.qcow2 ${url} && qemu-img resize disk.qcow2 10G`;

const NEW_VM = 'A new VM: its cloud image has cloud-init; then make the drive, under cloud-init.';
const FIREWALLD = {
  text: 'Where firewalld runs, let the manager in:',
  line: 'firewall-cmd --permanent --add-port=8080/tcp && firewall-cmd --reload',
} as const;

export const DISTRIBUTIONS: readonly Distribution[] = [
  {
    id: 'debian',
    name: 'Debian',
    steps: [
      {
        text: NEW_VM,
        line: fetchImage(
          'https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2',
        ),
      },
      {
        text: 'One that runs takes the command. Without curl and wget:',
        line: 'apt-get install -y curl',
      },
      { text: 'For cloud-init in an image of your own:', line: 'apt-get install -y cloud-init' },
    ],
  },
  {
    id: 'ubuntu',
    name: 'Ubuntu',
    steps: [
      {
        text: NEW_VM,
        line: fetchImage(
          'https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img',
        ),
      },
      { text: 'One that runs takes the command. Where ufw is on:', line: 'ufw allow 8080/tcp' },
    ],
  },
  {
    id: 'fedora',
    name: 'Fedora, RHEL, Rocky, Alma',
    steps: [
      {
        text: NEW_VM,
        line: fetchImage(
          'https://dl.rockylinux.org/pub/rocky/9/images/x86_64/Rocky-9-GenericCloud-Base.latest.x86_64.qcow2',
        ),
      },
      { text: 'One that runs takes the command; curl is there. SELinux may stay on.' },
      FIREWALLD,
      { text: 'For cloud-init in an image of your own:', line: 'dnf install -y cloud-init' },
    ],
  },
  {
    id: 'alpine',
    name: 'Alpine',
    steps: [
      {
        text: 'A new VM: of the images for “NoCloud”, the one with cloud-init (not tiny). The agent runs under OpenRC.',
      },
      { text: 'One that runs takes the command; the wget of busybox is enough.' },
      {
        text: 'For cloud-init in an image of your own:',
        line: 'apk add cloud-init && setup-cloud-init',
      },
    ],
  },
  {
    id: 'opensuse',
    name: 'openSUSE, SLES',
    steps: [
      {
        text: NEW_VM,
        line: fetchImage(
          'https://download.opensuse.org/distribution/leap/15.6/appliances/openSUSE-Leap-15.6-Minimal-VM.x86_64-Cloud.qcow2',
        ),
      },
      { text: 'One that runs takes the command; curl is there.' },
      FIREWALLD,
      {
        text: 'For cloud-init in an image of your own:',
        line: 'zypper install -y cloud-init && systemctl enable cloud-init-local cloud-init cloud-config cloud-final',
      },
    ],
  },
  {
    id: 'arch',
    name: 'Arch',
    steps: [
      {
        text: NEW_VM,
        line: fetchImage(
          'https://geo.mirror.pkgbuild.com/images/latest/Arch-Linux-x86_64-cloudimg.qcow2',
        ),
      },
      { text: 'One that runs takes the command; curl is there.' },
      {
        text: 'For cloud-init in an image of your own:',
        line: 'pacman -S --noconfirm cloud-init && systemctl enable cloud-init-local cloud-init-main cloud-init-network cloud-config cloud-final',
      },
    ],
  },
  {
    id: 'firecracker',
    name: 'Firecracker rootfs',
    steps: [
      {
        text: 'A root filesystem has no cloud-init: the agent goes into it. On the host:',
        line: 'mkdir -p rootfs && mount -o loop rootfs.ext4 rootfs',
      },
      {
        text: 'Make the command, under One command, and paste it with this at its end: it installs into the folder and starts nothing.',
        line: '--root rootfs',
      },
      {
        text: 'Unmount it and start the microVM within the time of the token; each microVM gets a copy and a command of its own.',
        line: 'umount rootfs',
      },
      {
        text: 'One without a network is reached by vsock: see No network. Its configuration:',
        line: '"vsock": { "guest_cid": 3, "uds_path": "v.sock" }',
      },
    ],
  },
  {
    id: 'nixos',
    name: 'NixOS',
    steps: [
      {
        text: 'Its units are made by its configuration, so the script cannot install one. Take the agent from the manager (/download/guest-agent-linux-x64-tls, static), with a configuration that has vm_id, manager_url, manager_keys and enrollment_token:',
        line: 'systemd.services.guest-agent = { wantedBy = [ "multi-user.target" ]; serviceConfig.ExecStart = "/var/lib/guest-agent/guest-agent --config /var/lib/guest-agent/config.json"; };',
      },
    ],
  },
];

export const findDistribution = (id: string | null): Distribution | undefined =>
  DISTRIBUTIONS.find((one) => one.id === id);
