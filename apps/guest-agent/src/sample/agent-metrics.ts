/** What the agent tells of itself: which one it is, what it costs, what it had to refuse. */
import { parseLimits, parsePidStat, parseStat } from '@innkeeper/procfs';
import { readParsed, valueOf } from '../sources/collected.ts';
import type { Exposition } from '../exposition/exposition.ts';
import { formatLabels } from '../exposition/labels.ts';
import type { HttpCounters } from '../http/server.ts';
import type { Identity } from '../identity.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';

export interface AgentMetricsDependencies {
  readonly kernel: KernelFiles;
  readonly pageSizeBytes: number;
  readonly identity: Identity;
  readonly httpCounters: () => HttpCounters;
}

export const makeAgentMetrics = (
  dependencies: AgentMetricsDependencies,
): ((out: Exposition) => void) => {
  const { kernel, pageSizeBytes, identity, httpCounters } = dependencies;
  const self = kernel.proc('self/stat', { whole: true });
  const limits = valueOf(readParsed(kernel.proc('self/limits'), parseLimits));
  const bootTime = valueOf(readParsed(kernel.proc('stat', { whole: true }), parseStat));
  const info = formatLabels({
    boot_id: identity.bootId ?? '',
    version: identity.version,
    vm_id: identity.vmId ?? '',
  });

  const exposeProcess = (out: Exposition): void => {
    const process = valueOf(readParsed(self, parsePidStat));
    const start = process?.startSecondsAfterBoot;
    const boot = bootTime?.bootTimeSeconds;
    const descriptors = kernel.listProc('self/fd');
    const maxDescriptors = limits?.maxOpenFiles?.soft;
    out.family('process_cpu_seconds_total', 'counter', 'CPU seconds that the agent has used.');
    out.sample('', process?.cpuSeconds);
    out.family('process_resident_memory_bytes', 'gauge', 'Memory of the agent that is resident.');
    out.sample('', process === undefined ? undefined : process.rssPages * pageSizeBytes);
    out.family('process_virtual_memory_bytes', 'gauge', 'Address space of the agent.');
    out.sample('', process?.vsizeBytes);
    out.family('process_start_time_seconds', 'gauge', 'When the agent started, in unix time.');
    out.sample('', start === undefined || boot === undefined ? undefined : boot + start);
    out.family('process_open_fds', 'gauge', 'Files and sockets that the agent has open.');
    out.sample('', descriptors.ok ? descriptors.value.length : undefined);
    out.family('process_max_fds', 'gauge', 'Files and sockets that the agent may open.');
    out.sample('', maxDescriptors === 'unlimited' ? undefined : maxDescriptors);
  };

  const exposeHttp = (out: Exposition): void => {
    const http = httpCounters();
    out.family('guest_agent_http_connections', 'gauge', 'Connections that are open.');
    out.sample('', http.connections);
    out.family('guest_agent_http_connections_accepted_total', 'counter', 'Connections accepted.');
    out.sample('', http.acceptedTotal);
    out.family(
      'guest_agent_http_connections_evicted_total',
      'counter',
      'Connections ended to keep their number within its limit.',
    );
    out.sample('', http.evictedTotal);
    out.family(
      'guest_agent_http_timeouts_total',
      'counter',
      'Requests and answers that did not get through in time.',
    );
    out.sample('', http.timedOutTotal);
    out.family(
      'guest_agent_http_requests_refused_total',
      'counter',
      'Requests refused because too many were under way.',
    );
    out.sample('', http.busyTotal);
  };

  return (out) => {
    out.family('guest_agent_info', 'gauge', 'Which agent and which boot this is; always 1.');
    out.sample(info, 1);
    exposeHttp(out);
    exposeProcess(out);
  };
};
