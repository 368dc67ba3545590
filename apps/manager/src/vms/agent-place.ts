/** Where a VM's agent is asked: at its socket where it has one, else at its address. */
import type { AgentSocket } from '@innkeeper/protocol';
import type { VmRecord } from './vm-record.ts';

export type AgentPlace =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | AgentSocket;

export type PlacedVm = Pick<VmRecord, 'guestIp' | 'agentPort'> &
  Partial<Pick<VmRecord, 'agentSocket'>>;

export const placeOf = ({ guestIp, agentPort, agentSocket }: PlacedVm): AgentPlace | undefined => {
  if (agentSocket !== undefined) return agentSocket;
  return guestIp === undefined ? undefined : { kind: 'tcp', host: guestIp, port: agentPort };
};

/** `192.168.1.5:8080`, `[fd00::5]:8080`, `unix:/run/a.sock`, `vsock:/run/v.sock:1024`. */
export const describePlace = (place: AgentPlace): string => {
  switch (place.kind) {
    case 'tcp':
      return place.host.includes(':')
        ? `[${place.host}]:${place.port}`
        : `${place.host}:${place.port}`;
    case 'vsock':
      return `vsock:${place.path}:${place.port}`;
    case 'unix':
    case 'virtio':
      return `${place.kind}:${place.path}`;
    default: {
      const never: never = place;
      return never;
    }
  }
};

/** For HTTP; a socket has no name of its own. */
export const originOf = (place: AgentPlace): string =>
  place.kind === 'tcp' ? `http://${describePlace(place)}` : 'http://localhost';

export const describePlaceOf = (vm: PlacedVm): string | undefined => {
  const place = placeOf(vm);
  return place && describePlace(place);
};

/** Another one is another agent, or the same one with other rules: it is asked anew. */
export const agentKeyOf = (vm: PlacedVm & Pick<VmRecord, 'enrolledAt'>): string =>
  `${describePlaceOf(vm) ?? ''} ${vm.enrolledAt ?? ''}`;
