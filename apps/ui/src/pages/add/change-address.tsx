/** Another address for a VM whose agent does not answer at the one it has. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { ApiProblem } from '../../state/api.ts';

export const ChangeAddress = ({
  vmId,
  address,
}: {
  readonly vmId: string;
  readonly address: string | null;
}): JSX.Element => {
  const { session } = useApp();
  const [typed, setTyped] = useState(address ?? '');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const save = async (): Promise<void> => {
    setBusy(true);
    const body = { guest_ip: typed.trim() };
    const result = await session.api.send('POST', `/v1/vms/${vmId}/guest-ip`, body);
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
  };
  return (
    <form
      class="change-address"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <input
        class="input mono"
        aria-label="Address of the VM"
        required
        maxLength={45}
        placeholder="192.168.1.100"
        autocomplete="off"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit" class="button" disabled={busy}>
        Use this address
      </button>
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          {problem.message}
        </p>
      )}
    </form>
  );
};
