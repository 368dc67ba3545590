/**
 * A QMP socket serves one client at a time. One that a VM manager made for itself is left alone:
 * while the agent held it, `virsh` or `qm` would wait. A second `-qmp` socket is the agent's.
 */

const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/^\/var\/lib\/libvirt\/|^(?:\/var)?\/run\/libvirt\//u, 'libvirt'],
  [/^(?:\/var)?\/run\/qemu-server\//u, 'Proxmox VE'],
  [/^(?:\/var)?\/run\/(?:vc|kata)\//u, 'Kata Containers'],
  [/^(?:\/var)?\/run\/ganeti\//u, 'Ganeti'],
];

export const ownerOfQmpSocket = (path: string): string | undefined =>
  OWNERS.find(([pattern]) => pattern.test(path))?.[1];
