/** Asks an agent which scripts wait in the guest's own folder. */
import { provisionListSchema, type ProvisionScript } from '@innkeeper/protocol';
import type { AskAgent } from '../vms/ask-agent.ts';
import type { VmRecord } from '../vms/vm-record.ts';

export type GuestScripts =
  | { readonly ok: true; readonly scripts: readonly ProvisionScript[] }
  /** It did not answer, and may do so later. */
  | { readonly ok: false; readonly message: string };

export type ListGuestScripts = (vm: VmRecord) => Promise<GuestScripts>;

const NONE: GuestScripts = { ok: true, scripts: [] };

export const makeListGuestScripts =
  (askAgent: AskAgent): ListGuestScripts =>
  async (vm) => {
    // The folder of the manager's own machine is that of another agent, of another manager.
    if (vm.isLocal) return NONE;
    const answer = await askAgent(vm, '/provision');
    if (!answer.ok) {
      const { kind, message } = answer.failure;
      return kind === 'http' || kind === 'unauthorized' || kind === 'too_large'
        ? // It is there, and will not say; the manager's own scripts need not wait for that.
          NONE
        : { ok: false, message };
    }
    // What is no list has no script that could be run.
    const parsed = provisionListSchema.safeParse(answer.value);
    return parsed.success ? { ok: true, scripts: parsed.data.scripts } : NONE;
  };
