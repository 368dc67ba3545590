/** A registered VM as the manager keeps it in memory; Postgres has the same in table `vm`. */
import type { AgentSocket, Labels, Vmm } from '@innkeeper/protocol';

export interface VmRecord {
  readonly id: string;
  /** What the metrics tables and the fleet frames call it. */
  readonly key: number;
  readonly name: string;
  /** In its canonical form: `::ffff:` and upper case never get here. */
  readonly guestIp: string | undefined;
  readonly agentPort: number;
  /** Where its agent is asked instead of at an address. */
  readonly agentSocket: AgentSocket | undefined;
  readonly hostId: string | undefined;
  readonly vmm: Vmm | undefined;
  readonly labels: Labels;
  /** Set once the agent was enrolled: from then on it must say this VM's id. */
  readonly enrolledAt: number | undefined;
  /** Of the TLS key of its agent, in base64url; undefined: it is asked plainly. */
  readonly tlsPin: string | undefined;
  readonly isLocal: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type VmChange =
  | { readonly kind: 'added'; readonly vm: VmRecord }
  | { readonly kind: 'changed'; readonly vm: VmRecord; readonly before: VmRecord }
  | { readonly kind: 'removed'; readonly vm: VmRecord };

/** What the parts that only look need of the registry. It answers from memory. */
export interface Vms {
  all(): Iterable<VmRecord>;
  count(): number;
  get(id: string): VmRecord | undefined;
  /** Calls back after each change; the answer ends it. */
  onChange(listener: (change: VmChange) => void): () => void;
}
