/** Whose agent is enrolled: a VM or a host, in the same way. */

export interface Enrollee {
  readonly kind: 'vm' | 'host';
  readonly id: string;
  readonly name: string;
}

export const enrolleePath = ({ kind, id }: Pick<Enrollee, 'kind' | 'id'>): string =>
  `/v1/${kind === 'vm' ? 'vms' : 'hosts'}/${encodeURIComponent(id)}`;

export const enrollmentPath = (enrollee: Pick<Enrollee, 'kind' | 'id'>): string =>
  `${enrolleePath(enrollee)}/enrollment`;
