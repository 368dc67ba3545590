/** Registers a VM by its name and, where it runs the agent, its address. */
import type { Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { ApiProblem } from '../../state/api.ts';
import { parseLabels } from '../../format/labels.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { AddressFields } from '../../ui/address-fields.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldProblems } from '../../ui/field-problems.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { PlaceFields } from './place-fields.tsx';
import { ScriptFields } from './script-fields.tsx';
import { NOWHERE, vmRequest, type Placing } from './vm-request.ts';
import { useRefusalFocus } from '../../ui/use-refusal-focus.ts';

const FIELDS = ['name', 'guest_ip', 'agent_port', 'labels', 'host_id', 'vmm'] as const;
const BY_CODE = {
  name_taken: 'name',
  guest_ip_taken: 'guest_ip',
  guest_ip_not_allowed: 'guest_ip',
  host_not_found: 'host_id',
  host_unreachable: 'process',
  vmm_not_found: 'process',
} as const;

export interface Typed {
  readonly name: string;
  readonly address: string;
  readonly port: string;
  readonly labels: string;
}

export const NOTHING_TYPED: Typed = { name: '', address: '', port: '8080', labels: '' };

const labelProblem = (message: string): ApiProblem => ({
  status: 422,
  code: 'invalid',
  message: `labels: ${message}`,
});

export const AddressForm = ({
  typed,
  onTyped,
  onAdded,
}: {
  readonly typed: Typed;
  readonly onTyped: (typed: Typed) => void;
  readonly onAdded: (vm: Vm) => void;
}): JSX.Element => {
  const { hosts, session } = useApp();
  const [placing, setPlacing] = useState<Placing>(NOWHERE);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const problems = fieldProblems(problem, FIELDS, BY_CODE);
  const form = useRefusalFocus(problem);
  const mayPlace = permissionsIn(session.state.value).changeHosts;
  const hostList = mayPlace ? (hosts.hosts.value ?? []) : [];
  const save = async (): Promise<void> => {
    if (busy) return;
    const parsed = parseLabels(typed.labels);
    if (!parsed.ok) {
      setProblem(labelProblem(parsed.problem));
      return;
    }
    setBusy(true);
    const { path, body } = vmRequest(typed, parsed.labels, placing);
    const result = await session.api.send<Vm>('POST', path, body);
    setBusy(false);
    if (result.ok) onAdded(result.value);
    else setProblem(result.problem);
  };
  return (
    <form
      ref={form}
      class="form add-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field label="Name" problem={problems.of('name')}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            required
            maxLength={128}
            autocomplete="off"
            placeholder="web-01"
            value={typed.name}
            onInput={(event) => onTyped({ ...typed, name: event.currentTarget.value })}
          />
        )}
      </Field>
      <div class="form-row">
        <AddressFields
          address={typed.address}
          port={typed.port}
          onAddress={(address) => onTyped({ ...typed, address })}
          onPort={(port) => onTyped({ ...typed, port })}
          hint="Where its agent runs already. Else leave it empty: the next step installs it."
          addressProblem={problems.of('guest_ip')}
          portProblem={problems.of('agent_port')}
          placeholder="192.168.1.100"
        />
      </div>
      <Field
        label="Labels"
        problem={problems.of('labels')}
        hint="For groups, searches and what a token may see."
      >
        {(ids) => (
          <input
            {...ids}
            class="input"
            maxLength={2000}
            autocomplete="off"
            placeholder="env=prod, team=web"
            value={typed.labels}
            onInput={(event) => onTyped({ ...typed, labels: event.currentTarget.value })}
          />
        )}
      </Field>
      <ScriptFields labels={typed.labels} onLabels={(labels) => onTyped({ ...typed, labels })} />
      {hostList.length === 0 ? null : (
        <PlaceFields
          hosts={hostList}
          placing={placing}
          onPlacing={setPlacing}
          problems={problems}
        />
      )}
      {problems.rest === undefined ? null : <ProblemNote problem={problems.rest} />}
      <div class="form-actions form-actions-start">
        <button type="submit" class="button button-primary" aria-disabled={busy}>
          {busy ? 'Adding' : 'Add and watch'}
        </button>
      </div>
    </form>
  );
};
