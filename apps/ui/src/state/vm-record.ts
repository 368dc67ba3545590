/** A VM as it is registered, and what its agent tells about the machine. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Info, Vm } from '@innkeeper/protocol';
import type { Api, ApiProblem, ApiResult } from './api.ts';

export interface Asked<Value> {
  /** The last that was known, also while there is a problem. */
  readonly value: Value | undefined;
  readonly problem: ApiProblem | undefined;
}

export interface VmRecord {
  readonly vm: ReadonlySignal<Asked<Vm>>;
  readonly info: ReadonlySignal<Asked<Info>>;
  refresh(): Promise<void>;
  refreshInfo(): Promise<void>;
  /** What an answer of the manager said about this VM. */
  set(vm: Vm): void;
}

const NOTHING = { value: undefined, problem: undefined } as const;

export const makeVmRecord = (api: Api, vmId: string): VmRecord => {
  const vm = signal<Asked<Vm>>(NOTHING);
  const info = signal<Asked<Info>>(NOTHING);
  const path = `/v1/vms/${encodeURIComponent(vmId)}`;
  const after = <Value>(before: Asked<Value>, result: ApiResult<Value>): Asked<Value> =>
    result.ok
      ? { value: result.value, problem: undefined }
      : { value: before.value, problem: result.problem };
  return {
    vm,
    info,
    refresh: async () => {
      vm.value = after(vm.value, await api.get<Vm>(path));
    },
    refreshInfo: async () => {
      info.value = after(info.value, await api.get<Info>(`${path}/info`));
    },
    set: (changed) => {
      vm.value = { value: changed, problem: undefined };
    },
  };
};
