/** A hypervisor as the manager keeps it in memory; Postgres has the same in table `host`. */
import type { Labels } from '@innkeeper/protocol';

export interface HostRecord {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly agentPort: number;
  /** The `vm_id` that its agent goes by, hence the audience of tokens for it. */
  readonly agentId: string;
  readonly labels: Labels;
  /** Of the TLS key of its agent, in base64url; undefined: it is asked plainly. */
  readonly tlsPin: string | undefined;
  readonly isLocal: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Hosts {
  all(): Iterable<HostRecord>;
  get(id: string): HostRecord | undefined;
  onChange(
    listener: (change: {
      readonly kind: 'added' | 'changed' | 'removed';
      readonly host: HostRecord;
    }) => void,
  ): () => void;
}
