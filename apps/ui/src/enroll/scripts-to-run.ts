/** Which scripts for provisioning a new VM may meet, in the order in which they would run. */
import type { Provisioning } from '@innkeeper/protocol';

export interface ScriptToRun {
  readonly id: string;
  readonly name: string;
  readonly when: Provisioning['when'];
  /** Undefined: it is for this VM. The manager decides which labels fit. */
  readonly forLabels: string | undefined;
}

export const scriptsToRun = (
  scripts: readonly Pick<
    Provisioning,
    'id' | 'name' | 'order' | 'when' | 'vm_id' | 'selector' | 'enabled'
  >[],
  vmId: string,
): readonly ScriptToRun[] =>
  scripts
    .filter((script) => script.enabled && (script.vm_id === null || script.vm_id === vmId))
    .toSorted((left, right) => left.order - right.order || left.name.localeCompare(right.name))
    .map(({ id, name, when, selector, vm_id: only }) => ({
      id,
      name,
      when,
      forLabels: only === null ? (selector ?? '') : undefined,
    }));
