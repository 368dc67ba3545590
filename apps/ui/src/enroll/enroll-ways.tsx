/** What each way takes: what to make, what to paste, and where. */
import type { JSX } from 'preact';
import { CopyBlock } from '../ui/copy-block.tsx';
import { deployLine, qemuLine, virtInstallLine } from './install-lines.ts';
import type { OfferKind } from './make-offer.ts';

export interface WayProps {
  readonly vm: { readonly id: string; readonly name: string };
  readonly managerUrl: string;
  readonly isBusy: boolean;
  readonly make: (kind: OfferKind) => void;
  /** Of this way; what was made stands below. */
  readonly offer: JSX.Element | null;
  /** It is shown, and has a button that makes it anew. */
  readonly isOffered: boolean;
}

const MakeButton = ({
  kind,
  isBusy,
  make,
  children,
}: Pick<WayProps, 'isBusy' | 'make'> & {
  readonly kind: OfferKind;
  readonly children: string;
}): JSX.Element => (
  <button
    type="button"
    class="button"
    aria-disabled={isBusy}
    onClick={isBusy ? undefined : () => make(kind)}
  >
    {children}
  </button>
);

export const CloudInitWay = ({ vm, isBusy, make, offer }: WayProps): JSX.Element => (
  <>
    <p class="secondary">
      For a new VM from a cloud image: it installs and enrols its agent at its first boot, and
      nobody touches it. The image is a NoCloud drive with everything; vendor-data runs besides the
      user-data that you have already.
    </p>
    <div class="enroll-buttons">
      <MakeButton kind="iso" isBusy={isBusy} make={make}>
        Make the image
      </MakeButton>
      <MakeButton kind="user-data" isBusy={isBusy} make={make}>
        Make user-data
      </MakeButton>
      <MakeButton kind="vendor-data" isBusy={isBusy} make={make}>
        Make vendor-data
      </MakeButton>
    </div>
    {offer}
    <p class="secondary">
      Where the drive was saved, with the disk of the VM as <code class="mono">disk.qcow2</code>.
      The manager must reach the guest: on a bridge, not on QEMU’s user network.
    </p>
    <CopyBlock label="the line for virt-install" text={virtInstallLine(vm)} />
    <CopyBlock label="the line for QEMU" text={qemuLine(vm)} />
  </>
);

export const CommandWay = ({ isBusy, make, offer, isOffered }: WayProps): JSX.Element => (
  <>
    <p class="secondary">
      For a VM that runs: paste it into a shell of root there. It checks what it downloads, and
      running it again does no harm.
    </p>
    {isOffered ? null : (
      <div class="enroll-buttons">
        <MakeButton kind="command" isBusy={isBusy} make={make}>
          Make the command
        </MakeButton>
      </div>
    )}
    {offer}
  </>
);

export const ScriptWay = ({ vm, managerUrl }: WayProps): JSX.Element => (
  <>
    <p class="secondary">
      In a clone of this repository. It makes a token of its own, shows what to paste or does it
      over ssh, and stays until the first numbers are there. The manager’s token is taken from{' '}
      <code class="mono">INNKEEPER_ADMIN_TOKEN</code> or{' '}
      <code class="mono">./data/admin-token</code>.
    </p>
    <CopyBlock label="the script" text={deployLine(managerUrl, vm.id)} />
    <CopyBlock
      label="the script over ssh"
      text={deployLine(managerUrl, vm.id, 'root@192.168.1.100')}
    />
  </>
);

export const HandWay = ({ vm, managerUrl }: WayProps): JSX.Element => (
  <>
    <p class="secondary">
      Without a token, the agent gives its metrics to whoever asks, and runs no commands: the VM
      stays unverified. Install it, then{' '}
      <a class="link" href={`/vms/${encodeURIComponent(vm.id)}?tab=settings`}>
        tell its address
      </a>
      .
    </p>
    <CopyBlock
      label="the command without a token"
      text={`curl -fsSL ${managerUrl}/install.sh | sh -s --`}
    />
  </>
);

const VIRTIO = `-device virtio-serial-pci
-chardev socket,id=agent,path=/run/vm/web-1.agent,server=on,wait=off
-device virtserialport,chardev=agent,name=org.innkeeper.agent.0`;

export const OfflineWay = ({ vm }: WayProps): JSX.Element => (
  <>
    <p class="secondary">
      A manager on the hypervisor reaches the agent through a socket of that machine. Set it in{' '}
      <a class="link" href={`/vms/${encodeURIComponent(vm.id)}?tab=settings`}>
        the settings of the VM
      </a>
      , as one of:
    </p>
    <dl class="enroll-sockets">
      <dt class="mono">vsock:/path/v.sock:8080</dt>
      <dd>
        Firecracker and cloud-hypervisor: the socket that the VMM makes, and the port in the guest.
        There, <code class="mono">systemctl enable --now guest-agent-vsock.socket</code>.
      </dd>
      <dt class="mono">virtio:/path</dt>
      <dd>
        QEMU and libvirt: the host’s end of a virtio-serial port. In the guest the agent takes{' '}
        <code class="mono">--virtio-port /dev/virtio-ports/org.innkeeper.agent.0</code>.
      </dd>
      <dt class="mono">unix:/path.sock</dt>
      <dd>Anything that ends in the agent’s own unix socket.</dd>
    </dl>
    <CopyBlock label="a virtio-serial port of QEMU" text={VIRTIO} />
  </>
);
