/**
 * Which of a guest's devices count in its sums. Only names are known, so the rules go by the names
 * that kernel and usual software give. All devices are listed; these only keep traffic from being
 * counted twice.
 */

/**
 * Interfaces without a wire of their own: loopback; bridges, bonds and teams, whose members count;
 * the ends of containers and nested VMs, whose traffic to the outside passes a real interface; VLANs
 * and the like on top of an interface; tunnels, whose packets are carried by one; dummies and
 * mirrors.
 */
const VIRTUAL_INTERFACE =
  /^(?:lo|docker\d+|docker_gwbridge|br-?[\da-f]*|bridge\d+|virbr\d+(?:-nic)?|vmbr\d+|lxc.*|lxdbr\d+|incusbr\d+|cni-?\w*|cbr\d+|podman\d+|ovs-\w+|bond\d+|team\d+|veth.*|vnet\d+|tap.*|tun.*|macvlan.*|macvtap.*|ipvlan.*|vlan\d+|vxlan.*|geneve.*|genev_\w+|flannel.*|cali.*|cilium.*|kube-.*|nodelocaldns|weave|wg\d+|tailscale\d+|zt\w+|sit\d+|gre\d+|gretap\d+|erspan\d+|ip6?tnl\d+|ip6gre\d+|ip6?_vti\d+|tunl\d+|vti\d+|dummy\d+|ifb\d+|nlmon\d+|teql\d+|vrf.*|\w+nsby|.*[.:@].*)$/u;

/**
 * What lies on top of other disks (device mapper, RAID, bcache, DRBD, ZFS volumes), in memory, or on
 * a file; parts of a disk; and one path of several to an NVMe disk.
 */
const NOT_A_WHOLE_DISK =
  /^(?:(?:z?ram|loop|fd|dm-|md|bcache|drbd|zd)\d.*|md_.*|(?:[hsv]d|xvd|ubd|dasd)[a-z]+\d+|(?:nvme\d+(?:c\d+)?n\d+|mmcblk\d+|nbd\d+|pmem\d+|rbd\d+|cciss[!/]c\d+d\d+)p\d+|nvme\d+c\d+n\d+|mmcblk\d+(?:boot\d+|gp\d+|rpmb))$/u;

export const countsAsNetwork = (device: string): boolean => !VIRTUAL_INTERFACE.test(device);

export const countsAsDisk = (device: string): boolean => !NOT_A_WHOLE_DISK.test(device);
