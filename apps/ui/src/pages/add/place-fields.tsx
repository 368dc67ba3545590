/** On which host a new VM runs, and which process of it is the VM. */
import type { FoundVmm, Host, Vmm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useAnswer } from '../../state/use-answer.ts';
import { Field } from '../../ui/field.tsx';
import type { FieldProblems } from '../../ui/field-problems.ts';
import { foundName } from '../hosts/found-name.ts';
import { NOWHERE, type Placing } from './vm-request.ts';

const KINDS: readonly (readonly [Vmm['kind'], string])[] = [
  ['qemu', 'QEMU'],
  ['firecracker', 'Firecracker'],
  ['cloud-hypervisor', 'Cloud Hypervisor'],
];
const REFRESH_MS = 5_000;

const kindOf = (text: string): Vmm['kind'] =>
  KINDS.find(([kind]) => kind === text)?.[0] ?? NOWHERE.kind;

const Other = ({
  placing,
  onPlacing,
  problem,
}: {
  readonly placing: Placing;
  readonly onPlacing: (placing: Placing) => void;
  readonly problem: string | undefined;
}): JSX.Element => (
  <div class="form-row add-process">
    <Field label="Name or UUID of the process" problem={problem}>
      {(ids) => (
        <input
          {...ids}
          class="input mono"
          required
          maxLength={128}
          autocomplete="off"
          placeholder="-name, -uuid or --id"
          value={placing.told}
          onInput={(event) => onPlacing({ ...placing, told: event.currentTarget.value })}
        />
      )}
    </Field>
    <Field label="Kind">
      {(ids) => (
        <select
          {...ids}
          class="input"
          value={placing.kind}
          onChange={(event) => onPlacing({ ...placing, kind: kindOf(event.currentTarget.value) })}
        >
          {KINDS.map(([kind, words]) => (
            <option key={kind} value={kind}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  </div>
);

const Process = ({
  placing,
  onPlacing,
  problems,
}: {
  readonly placing: Placing;
  readonly onPlacing: (placing: Placing) => void;
  readonly problems: FieldProblems;
}): JSX.Element => {
  const path = `/v1/hosts/${placing.hostId}/found`;
  const { value, problem } = useAnswer<{ readonly items: readonly FoundVmm[] }>(path, REFRESH_MS);
  const found = value?.items ?? [];
  const isGone =
    placing.process !== 'name' &&
    placing.process !== 'other' &&
    !found.some(({ id }) => id === placing.process);
  return (
    <>
      <Field
        label="Its process there"
        problem={problems.of('process')}
        hint={
          problem === undefined
            ? 'By it the host’s view belongs to this VM, also while its agent is silent.'
            : 'The host does not answer: what runs there is not known now.'
        }
      >
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={placing.process}
            onChange={(event) => onPlacing({ ...placing, process: event.currentTarget.value })}
          >
            <option value="name">Found by the name of the VM</option>
            {found.map((vmm) => (
              <option key={vmm.id} value={vmm.id}>
                {foundName(vmm)} ({vmm.kind}, pid {vmm.pid})
              </option>
            ))}
            {isGone ? <option value={placing.process}>A process that has gone</option> : null}
            <option value="other">Found by another name or UUID</option>
          </select>
        )}
      </Field>
      {placing.process === 'other' ? (
        <Other placing={placing} onPlacing={onPlacing} problem={problems.of('vmm')} />
      ) : null}
    </>
  );
};

export const PlaceFields = ({
  hosts,
  placing,
  onPlacing,
  problems,
}: {
  readonly hosts: readonly Host[];
  readonly placing: Placing;
  readonly onPlacing: (placing: Placing) => void;
  readonly problems: FieldProblems;
}): JSX.Element => (
  <>
    <Field
      label="Host"
      problem={problems.of('host_id')}
      hint="Where it runs: the host tells what the agent cannot."
    >
      {(ids) => (
        <select
          {...ids}
          class="input"
          value={placing.hostId}
          onChange={(event) => onPlacing({ ...NOWHERE, hostId: event.currentTarget.value })}
        >
          <option value="">Not known</option>
          {hosts.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
    {placing.hostId === '' ? null : (
      <Process placing={placing} onPlacing={onPlacing} problems={problems} />
    )}
  </>
);
