/** How the ways work on each distribution: what is there already, and what its packages are called. */
import type { JSX } from 'preact';

interface Distribution {
  readonly name: string;
  readonly text: string;
  readonly line: string | undefined;
}

const DISTRIBUTIONS: readonly Distribution[] = [
  {
    name: 'Debian, Ubuntu',
    text: 'Cloud images have cloud-init. Elsewhere, or where neither curl nor wget is there:',
    line: 'apt-get install cloud-init curl',
  },
  {
    name: 'Fedora, RHEL, Rocky, Alma',
    text: 'Cloud images have cloud-init, and curl is there. Where firewalld runs, let the manager in:',
    line: 'firewall-cmd --permanent --add-port=8080/tcp && firewall-cmd --reload',
  },
  {
    name: 'Alpine',
    text: 'The agent runs under OpenRC, and wget of busybox is enough for the command. For cloud-init, in an image that has none:',
    line: 'apk add cloud-init && setup-cloud-init',
  },
  {
    name: 'Arch',
    text: 'The cloud image has cloud-init, and curl is always there. Elsewhere:',
    line: 'pacman -S cloud-init',
  },
  {
    name: 'NixOS',
    text: 'Its units are made by its configuration, so the script cannot install one. Take the agent from the manager (/download/guest-agent-linux-x64-tls, static) and give it a service with a configuration that has vm_id, manager_url, manager_keys and enrollment_token:',
    line: 'systemd.services.guest-agent = { wantedBy = [ "multi-user.target" ]; serviceConfig.ExecStart = "/var/lib/guest-agent/guest-agent --config /var/lib/guest-agent/config.json"; };',
  },
];

export const Distributions = (): JSX.Element => (
  <details class="enroll-help">
    <summary>By distribution</summary>
    <dl>
      {DISTRIBUTIONS.map(({ name, text, line }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {text} {line === undefined ? null : <code class="mono">{line}</code>}
          </dd>
        </div>
      ))}
      <div>
        <dt>Other than x64</dt>
        <dd>
          For arm64 the manager may have a binary too. Where it has none, the agent is one file for
          Node 18.15 and newer, which must be installed before.
        </dd>
      </div>
    </dl>
  </details>
);
