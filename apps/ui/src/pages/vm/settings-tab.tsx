/** What can be changed about a VM: its name, labels, address, host, and whether it is there at all. */
import type { Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { formatLabels, parseLabels } from '../../format/labels.ts';
import { Field } from '../../ui/field.tsx';
import { fieldProblems } from '../../ui/field-problems.ts';
import { lazyPage } from '../../ui/lazy-page.tsx';
import { addressRight, rightsOf, type Rights } from './rights.ts';
import { SettingsAddress } from './settings-address.tsx';
import { SettingsDelete } from './settings-delete.tsx';
import { SettingsForm } from './settings-form.tsx';
import { SettingsSocket } from './settings-socket.tsx';
import { usePatch } from './use-patch.ts';
import { useVm } from './vm-stores.ts';

// As large as the rest of the tab.
const SettingsAgent = lazyPage(async () => (await import('./settings-agent.tsx')).SettingsAgent);

export interface SettingProps {
  readonly vm: Vm;
  readonly rights: Rights;
}

const NameSetting = ({ vm, rights }: SettingProps): JSX.Element => {
  const { change, patch } = usePatch(vm);
  const [name, setName] = useState(vm.name);
  const problems = fieldProblems(change.problem, ['name'], { name_taken: 'name' });
  return (
    <SettingsForm
      title="Name"
      why={rights.update}
      change={change}
      problem={problems.rest}
      isChanged={name.trim() !== vm.name && name.trim() !== ''}
      onSave={() => void patch({ name: name.trim() })}
    >
      <Field label="Name of the VM" problem={problems.of('name')}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            value={name}
            maxLength={128}
            required
            onInput={(event) => {
              setName(event.currentTarget.value);
              change.reset();
            }}
          />
        )}
      </Field>
    </SettingsForm>
  );
};

const LabelsSetting = ({ vm, rights }: SettingProps): JSX.Element => {
  const { change, patch } = usePatch(vm);
  const before = formatLabels(vm.labels, '\n');
  const [text, setText] = useState(before);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const problems = fieldProblems(change.problem, ['labels']);
  const save = (): void => {
    const parsed = parseLabels(text);
    setProblem(parsed.ok ? undefined : parsed.problem);
    if (parsed.ok) void patch({ labels: parsed.labels });
  };
  return (
    <SettingsForm
      title="Labels"
      why={rights.update}
      change={change}
      problem={problems.rest}
      isChanged={text.trim() !== before}
      onSave={save}
    >
      <Field label="One a line, key=value" problem={problem ?? problems.of('labels')}>
        {(ids) => (
          <textarea
            {...ids}
            class="input mono"
            rows={Math.max(3, text.split('\n').length)}
            value={text}
            maxLength={8192}
            spellcheck={false}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setProblem(undefined);
              change.reset();
            }}
          />
        )}
      </Field>
    </SettingsForm>
  );
};

const HostSetting = ({ vm, rights }: SettingProps): JSX.Element => {
  const { hosts } = useApp();
  const { change, patch } = usePatch(vm);
  const [hostId, setHostId] = useState(vm.host_id ?? '');
  const list = hosts.hosts.value ?? [];
  const problems = fieldProblems(change.problem, ['host_id'], { host_not_found: 'host_id' });
  return (
    <SettingsForm
      title="Host"
      why={rights.place}
      change={change}
      problem={problems.rest}
      isChanged={hostId !== (vm.host_id ?? '')}
      onSave={() => void patch({ host_id: hostId === '' ? null : hostId })}
    >
      <Field label="The hypervisor that runs it" problem={problems.of('host_id')}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={hostId}
            onChange={(event) => {
              setHostId(event.currentTarget.value);
              change.reset();
            }}
          >
            <option value="">none is known</option>
            {list.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            {vm.host_id === null || list.some(({ id }) => id === vm.host_id) ? null : (
              <option value={vm.host_id}>one that you may not see</option>
            )}
          </select>
        )}
      </Field>
      <p class="muted vm-hint">
        Where its agent does not answer, the host tells what it sees from outside.
      </p>
    </SettingsForm>
  );
};

export const SettingsTab = (): JSX.Element | null => {
  const { session } = useApp();
  const { record } = useVm();
  const vm = record.vm.value.value;
  const state = session.state.value;
  if (vm === undefined || state.kind !== 'signed_in') return null;
  const rights = rightsOf(state.session.actor, vm.is_local);
  return (
    <>
      <div class="vm-side vm-columns">
        <NameSetting vm={vm} rights={rights} />
        <LabelsSetting vm={vm} rights={rights} />
        <SettingsAddress vm={vm} rights={rights} />
        <SettingsSocket vm={vm} rights={rights} />
        <HostSetting vm={vm} rights={rights} />
        <SettingsDelete vm={vm} rights={rights} />
      </div>
      {addressRight(rights, vm.is_local) === undefined ? <SettingsAgent /> : null}
    </>
  );
};
