/** Asks the agents of hypervisors for their VMMs: one call for all VMs of a host. */
import { processStatsSchema, type ProcessStats } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { HostRecord } from '../hosts/host-record.ts';
import type { MintToken } from '../keys/token-minter.ts';
import { keyOfPlace, tcpPlace } from '../vms/agent-place.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { makeAgentClient, type AgentClient } from './agent-client.ts';
import { makeAgentsById } from './agents-by-id.ts';
import { makeBearer, type Bearer } from './bearer.ts';
import type { ConnectGate } from './connect-gate.ts';
import type { Deadlines } from './deadlines.ts';
import { headerOf, type AgentAnswer } from './exchange.ts';
import { printable, pullFailure } from './failure.ts';
import { makeLocatorBody } from './locators.ts';
import type { PullResult } from './pull-result.ts';
import { refusalIn } from './refusal.ts';
import { failed, succeeded } from './stopwatch.ts';

export type PulledHost = Pick<HostRecord, 'id' | 'address' | 'agentPort' | 'agentId' | 'tlsPin'>;

export interface HostAnswer {
  readonly stats: ProcessStats;
  /** VMs whose locator did not fit into the question. */
  readonly leftOut: number;
  /** For people, where `leftOut` is not 0. */
  readonly message: string | undefined;
}

export interface HostPuller {
  /** One at a time for each host. The deadline is by the monotonic clock. */
  pull(host: PulledHost, deadlineMs: number): Promise<PullResult<HostAnswer>>;
  /** Closes its connection; a pull under way fails. */
  forget(hostId: string): void;
  /** Settles when no socket is left. */
  stop(): Promise<void>;
}

export interface HostPullerDependencies {
  /** The VMs that are registered on a host. */
  readonly vmsOf: (hostId: string) => Iterable<Pick<VmRecord, 'id' | 'vmm'>>;
  readonly mintToken: MintToken;
  readonly gate: ConnectGate;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly keepAliveMs: number;
}

/** Another one is another agent, or the same one with other rules: it is asked anew. */
export const hostKeyOf = ({ address, agentPort, agentId, tlsPin }: PulledHost): string =>
  `${keyOfPlace(tcpPlace(address, agentPort, tlsPin))} ${agentId}`;

interface Host {
  readonly client: AgentClient;
  readonly bearer: Bearer;
}

const TARGET = '/metrics/process-stats';
const JSON_TYPE = /^application\/json\s*(?:;|$)/iu;
const MAX_PROBLEM = 256;

type Parsed =
  | { readonly ok: true; readonly stats: ProcessStats }
  | { readonly ok: false; readonly problem: string };

const parse = ({ headers, body }: AgentAnswer): Parsed => {
  const type = headerOf(headers, 'content-type') ?? '';
  if (!JSON_TYPE.test(type)) {
    const shown = JSON.stringify(printable(type, 64));
    return { ok: false, problem: `an answer of the type ${shown} instead of JSON` };
  }
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch {
    return { ok: false, problem: 'an answer that is no JSON' };
  }
  const parsed = processStatsSchema.safeParse(document);
  if (parsed.success) return { ok: true, stats: parsed.data };
  const [issue] = parsed.error.issues;
  const path = printable(issue?.path.map(String).join('.') ?? '', MAX_PROBLEM);
  return { ok: false, problem: `no process stats: ${path}: ${issue?.message ?? 'malformed'}` };
};

export const makeHostPuller = (dependencies: HostPullerDependencies): HostPuller => {
  const { vmsOf, mintToken, gate, deadlines, clock, keepAliveMs } = dependencies;
  const hosts = makeAgentsById<Host>();

  const hostOf = (host: PulledHost): Host => {
    const { id, address, agentPort, agentId, tlsPin } = host;
    return hosts.of(id, hostKeyOf(host), () => ({
      client: makeAgentClient({
        place: tcpPlace(address, agentPort, tlsPin),
        gate,
        deadlines,
        clock,
        keepAliveMs,
      }),
      bearer: makeBearer({ mintToken, audience: agentId, scope: 'host' }),
    }));
  };

  return {
    pull: async (record, deadlineMs) => {
      const startedMs = clock.monotonicMs();
      const { client, bearer } = hostOf(record);
      const { body, sent, leftOut } = makeLocatorBody(vmsOf(record.id));
      // Also without locators: one way to ask is enough.
      const request = {
        method: 'POST',
        target: TARGET,
        body,
        contentType: 'application/json',
      } as const;
      const answer = await bearer.exchange(client, request, deadlineMs);
      if (!answer.ok) return failed(clock, startedMs, answer.failure);
      const refusal = refusalIn(answer, client.where);
      if (refusal !== undefined) return failed(clock, startedMs, refusal);
      const parsed = parse(answer);
      if (!parsed.ok) {
        return failed(clock, startedMs, pullFailure('malformed', client.where, parsed.problem));
      }
      const message =
        leftOut === 0
          ? undefined
          : `${client.where}: the locators of ${sent} VMs fit into one question, ${leftOut} did not`;
      return succeeded(clock, startedMs, { stats: parsed.stats, leftOut, message });
    },
    forget: (id) => hosts.forget(id),
    stop: async () => hosts.stop(),
  };
};
