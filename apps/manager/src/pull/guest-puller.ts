/**
 * Pulls samples from the agents of guests: one connection, one decoder and one notion of its clock
 * for each. An answer counts only if it comes from the agent that it should come from.
 */
import type { Sample } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { MintToken } from '../keys/token-minter.ts';
import { keyOfPlace, placeOf, type AgentPlace, type PlacedVm } from '../vms/agent-place.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { makeAgentClient, type AgentClient } from './agent-client.ts';
import { makeAgentsById } from './agents-by-id.ts';
import { makeBearer, type Bearer } from './bearer.ts';
import type { ConnectGate } from './connect-gate.ts';
import type { Deadlines } from './deadlines.ts';
import { headerOf, type AgentAnswer } from './exchange.ts';
import { pullFailure } from './failure.ts';
import type { PullFailure, PullResult } from './pull-result.ts';
import { refusalIn } from './refusal.ts';
import type { SampleDecoder } from './sample-decoder.ts';
import { failed, succeeded } from './stopwatch.ts';

export type PulledVm = PlacedVm & Pick<VmRecord, 'id' | 'enrolledAt'>;

export interface GuestPuller {
  /** One at a time for each VM. The deadline is by the monotonic clock. */
  readonly pull: (vm: PulledVm, deadlineMs: number) => Promise<PullResult<Sample>>;
  /** How far the guest's clock was ahead when it last answered, in whole seconds. */
  clockOffsetSeconds(vmId: string): number | undefined;
  /** Closes its connection; a pull under way fails. */
  forget(vmId: string): void;
  /** Settles when no socket is left. */
  stop(): Promise<void>;
}

export interface GuestPullerDependencies {
  readonly mintToken: MintToken;
  readonly makeSampleDecoder: (vmId: string) => SampleDecoder;
  readonly gate: ConnectGate;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly keepAliveMs: number;
}

interface Guest {
  readonly client: AgentClient;
  readonly decoder: SampleDecoder;
  readonly bearer: Bearer;
}

type Decoded =
  | { readonly ok: true; readonly sample: Sample }
  | { readonly ok: false; readonly failure: PullFailure };

/** An agent that is not enrolled has no id: it counts until this VM's agent once had one. */
const identityProblem = (vm: PulledVm, sample: Sample): string | undefined => {
  if (sample.vm_id === vm.id) return undefined;
  if (sample.vm_id !== null) return `answers for another VM, ${sample.vm_id}`;
  return vm.enrolledAt === undefined
    ? undefined
    : 'answers without an id, but the agent of this VM is enrolled';
};

const decode = (vm: PulledVm, guest: Guest, answer: AgentAnswer): Decoded => {
  const { client, decoder } = guest;
  const refusal = refusalIn(answer, client.where);
  if (refusal !== undefined) return { ok: false, failure: refusal };
  const decoded = decoder.decode({
    status: answer.status,
    contentType: headerOf(answer.headers, 'content-type'),
    header: (name) => headerOf(answer.headers, name),
    body: answer.body,
  });
  if (!decoded.ok) {
    return { ok: false, failure: pullFailure('malformed', client.where, decoded.problem) };
  }
  const problem = identityProblem(vm, decoded.sample);
  if (problem === undefined) return decoded;
  // What it has learnt of a stranger must not be mixed with what the VM's own agent says later.
  decoder.reset();
  return { ok: false, failure: pullFailure('wrong_identity', client.where, problem) };
};

/** True where the agent is older than the question: asked in another way, it answers. */
const isAskedWrongly = (guest: Guest, answer: AgentAnswer, target: string): boolean => {
  if (answer.status !== 422) return false;
  guest.decoder.decode({
    status: answer.status,
    contentType: undefined,
    header: () => undefined,
    body: answer.body,
  });
  return guest.decoder.target() !== target;
};

export const makeGuestPuller = (dependencies: GuestPullerDependencies): GuestPuller => {
  const { mintToken, makeSampleDecoder, gate, deadlines, clock, keepAliveMs } = dependencies;
  const guests = makeAgentsById<Guest>();

  const guestOf = (id: string, place: AgentPlace): Guest =>
    guests.of(id, keyOfPlace(place), () => ({
      client: makeAgentClient({
        place,
        gate,
        deadlines,
        clock,
        keepAliveMs,
      }),
      decoder: makeSampleDecoder(id),
      bearer: makeBearer({ mintToken, audience: id, scope: 'metrics' }),
    }));

  return {
    pull: async (vm, deadlineMs) => {
      const startedMs = clock.monotonicMs();
      const place = placeOf(vm);
      if (place === undefined) {
        guests.forget(vm.id);
        return failed(clock, startedMs, { kind: 'no_guest_ip', message: 'the VM has no guest_ip' });
      }
      const guest = guestOf(vm.id, place);
      const { bearer, client, decoder } = guest;
      const target = decoder.target();
      let answer = await bearer.exchange(client, { method: 'GET', target }, deadlineMs);
      if (answer.ok && isAskedWrongly(guest, answer, target)) {
        const other = { method: 'GET', target: decoder.target() } as const;
        answer = await bearer.exchange(client, other, deadlineMs);
      }
      if (!answer.ok) return failed(clock, startedMs, answer.failure);
      const decoded = decode(vm, guest, answer);
      return decoded.ok
        ? succeeded(clock, startedMs, decoded.sample)
        : failed(clock, startedMs, decoded.failure);
    },
    clockOffsetSeconds: (vmId) => guests.get(vmId)?.bearer.clockOffsetSeconds(),
    forget: (id) => guests.forget(id),
    stop: async () => guests.stop(),
  };
};
