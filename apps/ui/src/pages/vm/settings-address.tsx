/** Where the agent of a VM answers. An address that another VM has is taken over only when told so. */
import type { Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiProblem } from '../../state/api.ts';
import { AddressFields } from '../../ui/address-fields.tsx';
import { fieldProblems } from '../../ui/field-problems.ts';
import { addressRight, type Rights } from './rights.ts';
import { SettingsForm } from './settings-form.tsx';
import { useChange } from './use-change.ts';
import { useVm } from './vm-stores.ts';

/** What follows the semicolon is for those who write requests; here there is a box to tick. */
const forPeople = (problem: ApiProblem | undefined): ApiProblem | undefined =>
  problem?.code === 'guest_ip_taken'
    ? { ...problem, message: `${problem.message.split(';')[0] ?? problem.message}.` }
    : problem;

const FIELDS = ['guest_ip', 'agent_port'] as const;
const BY_CODE = { guest_ip_taken: 'guest_ip', guest_ip_not_allowed: 'guest_ip' } as const;

export const SettingsAddress = ({
  vm,
  rights,
}: {
  readonly vm: Vm;
  readonly rights: Rights;
}): JSX.Element => {
  const { record } = useVm();
  const change = useChange();
  const [address, setAddress] = useState(vm.guest_ip ?? '');
  const [port, setPort] = useState(String(vm.agent_port));
  const [takeOver, setTakeOver] = useState(false);
  const problems = fieldProblems(forPeople(change.problem), FIELDS, BY_CODE);
  const path = `/v1/vms/${encodeURIComponent(vm.id)}/guest-ip`;
  const why = addressRight(rights, vm.is_local);
  const isTaken = change.problem?.code === 'guest_ip_taken' || takeOver;
  const save = async (): Promise<void> => {
    const body = { guest_ip: address.trim(), agent_port: Number(port), take_over: takeOver };
    const result = await change.send('POST', path, body);
    if (!result.ok) return;
    setTakeOver(false);
    await record.refresh();
  };
  const clear = async (): Promise<void> => {
    const result = await change.send('DELETE', path);
    if (!result.ok) return;
    setAddress('');
    await record.refresh();
  };
  return (
    <SettingsForm
      title="Address"
      why={why}
      change={change}
      problem={problems.rest}
      isChanged={
        address.trim() !== '' &&
        (address.trim() !== vm.guest_ip || port !== String(vm.agent_port) || takeOver)
      }
      onSave={() => void save()}
      extra={
        vm.guest_ip === null ? null : (
          <button type="button" class="button" onClick={() => void clear()}>
            Clear
          </button>
        )
      }
    >
      <div class="vm-form-row">
        <AddressFields
          address={address}
          port={port}
          onAddress={(typed) => {
            setAddress(typed);
            change.reset();
          }}
          onPort={(typed) => {
            setPort(typed);
            change.reset();
          }}
          addressLabel="IP address of its agent"
          addressProblem={problems.of('guest_ip')}
          portProblem={problems.of('agent_port')}
          placeholder="192.168.1.100"
        />
      </div>
      {isTaken ? (
        <label class="vm-check">
          <input
            type="checkbox"
            checked={takeOver}
            onChange={(event) => setTakeOver(event.currentTarget.checked)}
          />
          Take the address away from the VM that has it
        </label>
      ) : null}
    </SettingsForm>
  );
};
