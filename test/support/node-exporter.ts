/** The real node_exporter, with the defaults of its authors. */
import { debianBinary } from './debian-package.ts';
import { ask, type HttpAddress } from './http-client.ts';
import type { Obtained } from './obtained.ts';
import { freePort, startService, type Service } from './service-process.ts';

/** What the authors of node_exporter set by default, and its Debian package does not. */
export const UPSTREAM_DEFAULTS = [
  '--collector.netdev.device-exclude=',
  String.raw`--collector.diskstats.device-exclude=^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$`,
  '--collector.filesystem.mount-points-exclude=' +
    '^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)',
  // The default since 1.9; 1.5 lacks the last two of TcpExt.
  '--collector.netstat.fields=^(.*_(InErrors|InErrs)|Ip_Forwarding|' +
    'Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|' +
    'TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|' +
    'Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|' +
    'Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$',
];

export const obtainNodeExporter = async (): Promise<Obtained> =>
  debianBinary({
    package: 'prometheus-node-exporter',
    path: 'usr/bin/prometheus-node-exporter',
    alsoNamed: ['node_exporter'],
  });

export const startNodeExporter = async (
  path: string,
): Promise<Service & { readonly address: HttpAddress }> => {
  const port = await freePort();
  const address: HttpAddress = { host: '127.0.0.1', port };
  const listen = `--web.listen-address=127.0.0.1:${port}`;
  const service = await startService({
    command: [path, listen, '--collector.processes', ...UPSTREAM_DEFAULTS],
    isReady: async () => (await ask(address, '/')).status === 200,
  });
  return { ...service, address };
};
