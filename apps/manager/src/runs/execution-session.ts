/**
 * One execution from its dispatch to its end, over as many connections as that takes.
 *
 * It never runs twice: before anything is sent, the number and the time of its token are in the
 * database. Where it is not known whether a request has arrived, the same token is sent again, which
 * an agent counts once and a restarted agent not at all (docs/adr/0017).
 */
import type { Vms, VmRecord } from '../vms/vm-record.ts';
import { makeAgentStopper, type AgentStopper } from './agent/agent-stopper.ts';
import type { AgentProblem } from './agent/exec-answer.ts';
import type { LinkOutcome } from './agent/exec-link.ts';
import {
  makeExecutionConnection,
  agentOf,
  type ConnectionDependencies,
  type ExecutionConnection,
  type SessionTarget,
} from './execution-connection.ts';
import type { RunLimits } from './limits.ts';
import { makeNap } from './nap.ts';
import { isOver, type ExecutionRecord, type RunRecord } from './run-record.ts';

export interface SessionDependencies extends Omit<ConnectionDependencies, 'onOverdue'> {
  readonly vms: Pick<Vms, 'get'>;
  readonly random: () => number;
}

/**
 * `later` and `busy`: it has not begun, and may be tried again; the agent did not answer, or has too
 * much to do. `closed`: the manager stops.
 */
export type SessionEnd = 'over' | 'later' | 'busy' | 'closed';

export interface ExecutionSession {
  readonly ended: Promise<SessionEnd>;
  /** Does not wait any longer with the next attempt. */
  hurry(): void;
  /** Tells the agent to end the command, as often as it takes. */
  stop(): void;
  /** Leaves the command alone. */
  close(): Promise<void>;
}

const MAX_DOUBLINGS = 16;
const MAX_TOKENS = 4;
const LOST = {
  restarted: {
    code: 'agent_restarted',
    message: 'the agent does not know it any more: it was restarted, and the command ended with it',
  },
  unsure: {
    code: 'not_known',
    message: 'the connection broke off while it was sent, and the agent cannot tell whether it ran',
  },
  overdue: {
    code: 'overdue',
    message: 'the agent is there, but does not say that the command has ended',
  },
} as const;

const retryMs = (failures: number, { retryMs: first, maxRetryMs }: RunLimits): number =>
  Math.min(first * 2 ** Math.min(failures, MAX_DOUBLINGS), maxRetryMs);

const unreachable = ({ problem }: ExecutionRecord, { lostAfterMs }: RunLimits): AgentProblem => {
  const minutes = Math.round(lostAfterMs / 60_000);
  const why = problem?.message ?? 'no answer';
  return { code: 'unreachable', message: `not reached for ${minutes} minutes: ${why}` };
};

/** The limit is not what was asked for, so whoever reads that it is too long is told where it is from. */
export const refusalOf = (
  { askAfterSeconds, request }: Pick<RunRecord, 'askAfterSeconds' | 'request'>,
  problem: AgentProblem,
): AgentProblem => {
  if (askAfterSeconds === undefined || !problem.message.includes('timeout_seconds')) return problem;
  const why = `on_timeout "ask" gives it ${request.timeout_seconds} s; "kill" does not`;
  return { ...problem, message: `${problem.message} (${why})` };
};

/** The same record, the same token. */
const mintFor = ({ agents }: SessionDependencies, { run, record, body }: SessionTarget): string =>
  agents.mintBoundToken({
    audience: record.vmId,
    scope: 'exec',
    subject: run.actor.name,
    method: 'POST',
    target: '/exec',
    body,
    jti: `${record.id}.${record.sends}`,
    iat: record.signedAt ?? 0,
  });

/** What it means where nothing has begun; undefined: perhaps something has. */
const notBegun = (
  outcome: LinkOutcome,
): { readonly end: 'refused' | 'busy' | 'later'; readonly problem: AgentProblem } | undefined => {
  switch (outcome.kind) {
    case 'refused':
    case 'unauthorized':
    case 'gone':
      return { end: 'refused', problem: outcome.problem };
    case 'busy':
      return { end: 'busy', problem: outcome.problem };
    case 'failed':
      return outcome.neverSent ? { end: 'later', problem: outcome.problem } : undefined;
    case 'closed':
      return undefined;
    default: {
      const never: never = outcome;
      return never;
    }
  }
};

const stopperFor = (
  { agents, vms }: SessionDependencies,
  { run, record }: SessionTarget,
  connection: ExecutionConnection,
): AgentStopper =>
  makeAgentStopper({
    agents,
    id: record.id,
    subject: run.actor.name,
    agent: () => {
      const vm = record.state === 'running' ? vms.get(record.vmId) : undefined;
      return vm && agentOf(vm);
    },
    isOver: () => isOver(record),
    clockOffsetSeconds: () => connection.offsetSeconds(),
  });

export const startSession = (
  dependencies: SessionDependencies,
  target: SessionTarget,
): ExecutionSession => {
  const { vms, writer, clock, limits, random, counters } = dependencies;
  const { record, body, store, changed } = target;
  let isClosed = false;
  let failures = 0;
  const nap = makeNap();

  const end = (state: ExecutionRecord['state'], problem: AgentProblem | undefined): SessionEnd => {
    record.state = state;
    record.problem = problem;
    record.endedAt = clock.now();
    changed();
    return 'over';
  };
  const onOverdue = (): void => {
    if (isOver(record)) return;
    end('lost', LOST.overdue);
    void connection.close();
  };
  const connection = makeExecutionConnection({ ...dependencies, onOverdue }, target);
  const stopper = stopperFor(dependencies, target, connection);

  const post = async (vm: VmRecord): Promise<LinkOutcome> => {
    const token = mintFor(dependencies, target);
    return connection.over(vm, async (link) => link.send(body, token));
  };

  /** With a new token: only where an earlier one is known to have begun nothing. */
  const postAnew = async (vm: VmRecord): Promise<LinkOutcome | SessionEnd> => {
    record.state = 'starting';
    record.sends += 1;
    // A second back, since a clock that is a moment behind would call it the future.
    record.signedAt = Math.floor(clock.now() / 1000) + connection.offsetSeconds() - 1;
    record.problem = undefined;
    changed();
    if (!(await writer.written()) || isClosed) return 'closed';
    return record.stopRequestedAt === undefined ? post(vm) : end('cancelled', undefined);
  };

  const settle = (outcome: LinkOutcome): SessionEnd | undefined => {
    const verdict = notBegun(outcome);
    if (verdict === undefined) return undefined;
    if (verdict.end === 'refused') return end('refused', refusalOf(target.run, verdict.problem));
    record.state = 'queued';
    record.problem = verdict.problem;
    changed();
    return verdict.end;
  };

  /** A clock that is wrong, or an agent that was started after its token was dated, says 401. */
  const begin = async (vm: VmRecord): Promise<SessionEnd | undefined> => {
    for (let attempt = 1; ; attempt += 1) {
      const signedBy = connection.offsetSeconds();
      const outcome = await postAnew(vm);
      if (typeof outcome === 'string') return outcome;
      if (outcome.kind !== 'unauthorized' || attempt >= MAX_TOKENS) return settle(outcome);
      // Nothing has begun, and a manager that takes over from here may make a new one too.
      record.state = 'queued';
      store(undefined);
      if (connection.offsetSeconds() === signedBy) await nap.sleep(limits.newTokenMs);
    }
  };

  /** It may have been sent: asks for it, and where the agent has not got it sends the same again. */
  const resume = async (vm: VmRecord): Promise<SessionEnd | undefined> => {
    const attached = await connection.over(vm, async (link) =>
      link.attach(record.id, record.lastEventId),
    );
    if (isClosed || isOver(record)) return undefined;
    if (attached.kind !== 'gone') {
      counters.reconnects += 1;
      const isNews = attached.problem?.code !== record.problem?.code;
      record.problem = attached.problem;
      // People see why nothing comes.
      if (isNews) changed();
      return undefined;
    }
    if (record.state === 'running') return end('lost', LOST.restarted);
    if (record.stopRequestedAt !== undefined) return end('lost', LOST.unsure);
    const again = await post(vm);
    if (again.kind === 'unauthorized') return end('lost', LOST.unsure);
    return again.kind === 'failed' ? undefined : settle(again);
  };

  const attempt = async (): Promise<SessionEnd | undefined> => {
    const vm = vms.get(record.vmId);
    if (vm !== undefined) return record.state === 'queued' ? begin(vm) : resume(vm);
    const problem = { code: 'vm_not_found', message: 'the VM is not registered any more' };
    return end(record.state === 'queued' ? 'refused' : 'lost', problem);
  };

  const live = async (): Promise<SessionEnd> => {
    while (!isClosed) {
      const outcome = await attempt();
      if (outcome !== undefined) return outcome;
      if (isOver(record)) return 'over';
      if (isClosed) break;
      if (clock.monotonicMs() - connection.heardMonotonicMs() > limits.lostAfterMs) {
        return end('lost', unreachable(record, limits));
      }
      failures = connection.takeProgress() ? 0 : failures + 1;
      await nap.sleep(retryMs(failures, limits) * (0.75 + random() / 4));
    }
    return 'closed';
  };

  const liveAndClose = async (): Promise<SessionEnd> => {
    try {
      return await live();
    } finally {
      await connection.close();
      await stopper.close();
    }
  };
  const ended = liveAndClose();
  if (record.stopRequestedAt !== undefined) stopper.stop();

  return {
    ended,
    hurry: () => nap.wake(),
    stop: () => {
      connection.hurry();
      stopper.stop();
      nap.wake();
    },
    close: async () => {
      isClosed = true;
      nap.wake();
      await connection.close();
      await ended;
    },
  };
};
