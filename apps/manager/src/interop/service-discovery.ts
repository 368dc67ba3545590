/**
 * The guests' agents as targets for Prometheus: its HTTP service discovery.
 *
 * https://prometheus.io/docs/prometheus/latest/http_sd/
 */
import type { VmState } from '@innkeeper/protocol';
import { z } from 'zod';
import { describePlace } from '../vms/agent-place.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { prometheusLabels } from './label-name.ts';

export const targetGroupsSchema = z.array(
  z.object({
    targets: z.array(z.string()),
    labels: z.record(z.string(), z.string()),
  }),
);
export type TargetGroup = z.infer<typeof targetGroupsSchema>[number];

const META = '__meta_innkeeper_';

/** By key, so that the list changes only when the VMs do. VMs without an address are left out: it cannot scrape a socket. */
export const makeTargetGroups = (
  vms: Iterable<VmRecord>,
  stateOf: (vm: VmRecord) => VmState,
  hostNameOf: (vm: VmRecord) => string | undefined,
): TargetGroup[] => {
  const groups: TargetGroup[] = [];
  for (const vm of [...vms].toSorted((one, other) => one.key - other.key)) {
    const { guestIp: host, agentPort: port, tlsPin } = vm;
    if (host === undefined) continue;
    const hostName = hostNameOf(vm);
    groups.push({
      targets: [describePlace({ kind: 'tcp', host, port })],
      labels: {
        // It answers a network over TLS only.
        ...(tlsPin !== undefined && { __scheme__: 'https' }),
        [`${META}vm_id`]: vm.id,
        [`${META}vm_name`]: vm.name,
        // Its agent lets nobody in whom the manager has not given a token.
        [`${META}enrolled`]: String(vm.enrolledAt !== undefined),
        ...(hostName !== undefined && { [`${META}host`]: hostName }),
        [`${META}state`]: stateOf(vm),
        ...Object.fromEntries(prometheusLabels(`${META}label_`, vm.labels)),
      },
    });
  }
  return groups;
};
