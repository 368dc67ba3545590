/** A host's name and where its agent is: for a new one, and to change one. */
import type { Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { ApiProblem } from '../../state/api.ts';
import { AddressFields } from '../../ui/address-fields.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldProblems } from '../../ui/field-problems.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useRefusalFocus } from '../../ui/use-refusal-focus.ts';
import '../../ui/form.css';

const FIELDS = ['name', 'address', 'agent_port'] as const;
const BY_CODE = {
  name_taken: 'name',
  address_taken: 'address',
  address_not_allowed: 'address',
} as const;
const DEFAULT_PORT = '8080';

export const HostForm = ({
  host,
  onSaved,
  onCancel,
}: {
  /** Undefined: a new one. */
  readonly host: Host | undefined;
  readonly onSaved: (host: Host) => void;
  readonly onCancel: () => void;
}): JSX.Element => {
  const { session } = useApp();
  const [name, setName] = useState(host?.name ?? '');
  const [address, setAddress] = useState(host?.address ?? '');
  const [port, setPort] = useState(host === undefined ? DEFAULT_PORT : String(host.agent_port));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const problems = fieldProblems(problem, FIELDS, BY_CODE);
  const form = useRefusalFocus(problem);
  const isLocal = host?.is_local === true;
  const save = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const place = { address: address.trim(), agent_port: Number(port) };
    const body = isLocal ? { name: name.trim() } : { name: name.trim(), ...place };
    const result =
      host === undefined
        ? await session.api.send<Host>('POST', '/v1/hosts', body)
        : await session.api.send<Host>('PATCH', `/v1/hosts/${host.id}`, body);
    setBusy(false);
    if (result.ok) onSaved(result.value);
    else setProblem(result.problem);
  };
  return (
    <form
      ref={form}
      class="form"
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
            autofocus
            maxLength={128}
            autocomplete="off"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="form-row">
        <AddressFields
          address={address}
          port={port}
          onAddress={setAddress}
          onPort={setPort}
          portLabel="Agent’s port"
          hint="An IP address that this manager reaches."
          addressProblem={problems.of('address')}
          portProblem={problems.of('agent_port')}
          required
          disabled={isLocal}
          placeholder="192.168.1.10"
        />
      </div>
      {problems.rest === undefined ? null : <ProblemNote problem={problems.rest} />}
      <div class="form-actions">
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="button button-primary" aria-disabled={busy}>
          {host === undefined ? 'Register' : 'Save'}
        </button>
      </div>
    </form>
  );
};
