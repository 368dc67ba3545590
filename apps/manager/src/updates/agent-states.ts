/**
 * What is known of VMs' agents beside their readings: which version they are, and how an update of
 * them goes. In memory, for the fleet's list; Postgres has the same.
 */
import type { UpdateStepState } from '@innkeeper/protocol';

export interface AgentState {
  /** As the agent has said last; undefined: it has never said anything. */
  readonly version: string | undefined;
  /** Under way, or how the last one ended where that was not well. */
  readonly update: UpdateStepState | undefined;
}

export interface AgentStates {
  get(vmId: string): AgentState;
  onChange(listener: (vmId: string) => void): () => void;
}

export interface ChangingAgentStates extends AgentStates {
  setVersion(vmId: string, version: string | undefined): void;
  setUpdate(vmId: string, update: UpdateStepState | undefined): void;
  remove(vmId: string): void;
}

const UNKNOWN: AgentState = { version: undefined, update: undefined };

export const makeAgentStates = (): ChangingAgentStates => {
  const states = new Map<string, AgentState>();
  const listeners = new Set<(vmId: string) => void>();

  const set = (vmId: string, change: Partial<AgentState>): void => {
    const before = states.get(vmId) ?? UNKNOWN;
    const after = { ...before, ...change };
    if (after.version === before.version && after.update === before.update) return;
    states.set(vmId, after);
    for (const listener of listeners) listener(vmId);
  };

  return {
    get: (vmId) => states.get(vmId) ?? UNKNOWN,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setVersion: (vmId, version) => set(vmId, { version }),
    setUpdate: (vmId, update) => set(vmId, { update }),
    remove: (vmId) => {
      states.delete(vmId);
    },
  };
};
