/** The socket at which the agent of a guest without a network is asked. */
import type { Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatAgentSocket, parseAgentSocket } from '../../format/agent-socket.ts';
import { Field } from '../../ui/field.tsx';
import { fieldProblems } from '../../ui/field-problems.ts';
import type { Rights } from './rights.ts';
import { SettingsForm } from './settings-form.tsx';
import { usePatch } from './use-patch.ts';

/** A path of 107 bytes, the longest kind and the longest port. */
const MAX_LENGTH = 128;
const BY_CODE = {
  agent_socket_taken: 'agent_socket',
  agent_socket_not_allowed: 'agent_socket',
} as const;

export const SettingsSocket = ({
  vm,
  rights,
}: {
  readonly vm: Vm;
  readonly rights: Rights;
}): JSX.Element => {
  const { change, patch } = usePatch(vm);
  const before = formatAgentSocket(vm.agent_socket);
  const [text, setText] = useState(before);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const problems = fieldProblems(change.problem, ['agent_socket'], BY_CODE);
  const save = (): void => {
    const parsed = parseAgentSocket(text);
    setProblem(parsed.ok ? undefined : parsed.problem);
    if (parsed.ok) void patch({ agent_socket: parsed.socket });
  };
  return (
    <SettingsForm
      title="Socket"
      why={rights.place}
      change={change}
      problem={problems.rest}
      isChanged={text.trim() !== before}
      onSave={save}
    >
      <Field
        label="Of a guest without a network"
        hint="unix:/path, vsock:/path:port or virtio:/path on the manager’s machine. Where it is set, the agent is asked there and not at the address."
        problem={problem ?? problems.of('agent_socket')}
      >
        {(ids) => (
          <input
            {...ids}
            class="input mono"
            value={text}
            maxLength={MAX_LENGTH}
            autocomplete="off"
            spellcheck={false}
            placeholder="vsock:/srv/jailer/firecracker/web-1/root/run/v.sock:1024"
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
