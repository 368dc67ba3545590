/** The same from a shell or a script: two requests, ready to be pasted. */

import { parseLabels } from '../../format/labels.ts';
import { shellWord } from '../../format/shell-word.ts';

/** The manager's own: it need not be said. */
const DEFAULT_PORT = 8080;

const post = (url: string, body: unknown): string =>
  [
    `curl -X POST ${shellWord(url)} \\`,
    `  -H "authorization: Bearer $INNKEEPER_TOKEN" \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${shellWord(JSON.stringify(body))}`,
  ].join('\n');

export interface CurlLines {
  readonly register: string;
  readonly tellAddress: string;
}

export const curlLines = (
  managerUrl: string,
  vm: {
    readonly name: string;
    readonly address: string;
    readonly port: string;
    readonly labels: string;
    readonly id: string | undefined;
  },
): CurlLines => {
  const base = managerUrl.replace(/\/+$/u, '');
  const name = vm.name.trim() === '' ? 'web-01' : vm.name.trim();
  const address = vm.address.trim() === '' ? '192.168.1.100' : vm.address.trim();
  const port = Number(vm.port);
  const parsed = parseLabels(vm.labels);
  const labels = parsed.ok ? parsed.labels : {};
  const body = {
    name,
    ...(Number.isInteger(port) && port > 0 && port !== DEFAULT_PORT ? { agent_port: port } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  return {
    register: post(`${base}/v1/vms`, body),
    tellAddress: post(`${base}/v1/vms/${vm.id ?? 'VM_ID'}/guest-ip`, { guest_ip: address }),
  };
};
