/** The agent of a VM that was just registered: how to bring it in. It ends on the page of the VM. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { EnrollPanel } from '../../enroll/enroll-panel.tsx';
import { hasFirstReading } from '../../enroll/enrollment-steps.ts';
import { useEnrollment } from '../../enroll/use-enrollment.ts';

export const AddEnrollment = ({ vmId }: { readonly vmId: string }): JSX.Element | null => {
  const { fleet, navigation } = useApp();
  const answer = useEnrollment(vmId, { subscribes: true, asksAgain: true });
  const { value } = answer;
  const hadReading = useRef<boolean | undefined>(undefined);
  useEffect(() => {
    if (value === undefined) return;
    const hasReading = hasFirstReading(value);
    // Only who has waited for it is taken there: who comes back wants to be here.
    if (hasReading && hadReading.current === false) {
      navigation.go(`/vms/${encodeURIComponent(vmId)}`);
    }
    hadReading.current = hasReading;
  }, [value, vmId, navigation]);
  void fleet.membership.value;
  const member = fleet.get(vmId)?.member;
  if (member === undefined || member.is_local) return null;
  return (
    <section class="section add-enroll" aria-labelledby="add-enroll">
      <h2 class="section-title" id="add-enroll">
        Install and enrol its agent
      </h2>
      <EnrollPanel vm={member} answer={answer} />
    </section>
  );
};
