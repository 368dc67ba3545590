/** How the agent of a VM is enrolled, and how it is again: after a new installation, or a new disk. */
import type { JSX } from 'preact';
import { EnrollPanel } from '../../enroll/enroll-panel.tsx';
import { useEnrollment } from '../../enroll/use-enrollment.ts';
import { useVm } from './vm-stores.ts';

export const SettingsAgent = (): JSX.Element | null => {
  const { id, record } = useVm();
  const answer = useEnrollment(id, { subscribes: false, asksAgain: true });
  const vm = record.vm.value.value;
  if (vm === undefined) return null;
  return (
    <section class="vm-section vm-agent" aria-labelledby="vm-agent">
      <h2 id="vm-agent">{vm.enrolled ? 'Enrol again' : 'Enrol its agent'}</h2>
      <p class="muted vm-hint">
        {vm.enrolled
          ? 'The agent is enrolled. A machine that was installed anew, or that takes the place of this one, needs a new token; until it is used, the agent from before stays.'
          : 'Until then nobody knows that it is this VM which answers, and there are no logs and no commands.'}
      </p>
      <EnrollPanel vm={vm} answer={answer} />
    </section>
  );
};
