/** Where a VM's agent is asked: at its socket where it has one, else at its address. */
import type { AgentSocket } from '@innkeeper/protocol';
import type { VmRecord } from './vm-record.ts';

export type AgentPlace =
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      /** Whoever has this key is asked, over TLS, and nobody else; left out: plainly. */
      readonly tlsPin?: string;
    }
  | AgentSocket;

export type PlacedVm = Pick<VmRecord, 'guestIp' | 'agentPort'> &
  Partial<Pick<VmRecord, 'agentSocket' | 'tlsPin'>>;

export const tcpPlace = (host: string, port: number, tlsPin: string | undefined): AgentPlace => ({
  kind: 'tcp',
  host,
  port,
  ...(tlsPin !== undefined && { tlsPin }),
});

/** A socket leads to nobody but the guest, and is not encrypted. */
export const placeOf = (vm: PlacedVm): AgentPlace | undefined => {
  const { guestIp, agentPort, agentSocket, tlsPin } = vm;
  if (agentSocket !== undefined) return agentSocket;
  return guestIp === undefined ? undefined : tcpPlace(guestIp, agentPort, tlsPin);
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

/** Connections to two places with the same key lead to the same agent in the same way. */
export const keyOfPlace = (place: AgentPlace): string =>
  place.kind === 'tcp' ? `${describePlace(place)} ${place.tlsPin ?? ''}` : describePlace(place);

/** For HTTP; a socket has no name of its own. */
export const originOf = (place: AgentPlace): string =>
  place.kind === 'tcp' ? `http://${describePlace(place)}` : 'http://localhost';

export const describePlaceOf = (vm: PlacedVm): string | undefined => {
  const place = placeOf(vm);
  return place && describePlace(place);
};

/** Another one is another agent, or the same one with other rules: it is asked anew. */
export const agentKeyOf = (vm: PlacedVm & Pick<VmRecord, 'enrolledAt'>): string => {
  const place = placeOf(vm);
  return `${place === undefined ? '' : keyOfPlace(place)} ${vm.enrolledAt ?? ''}`;
};
