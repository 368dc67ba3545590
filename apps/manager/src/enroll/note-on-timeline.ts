/** What enrolment leaves on the timeline of a VM. Hosts have none. */
import type { VmEvent, VmEventKind } from '@innkeeper/protocol';
import type { Queryable } from '../database/database.ts';
import type { Problem } from '../http/problem.ts';
import { insertVmEvents } from '../vms/sql/insert-vm-events.ts';
import type { Subject } from './subject.ts';

export const noteOnTimeline = async (
  database: Queryable,
  subject: Subject,
  kind: VmEventKind,
  detail: VmEvent['detail'],
): Promise<void> => {
  if (subject.kind !== 'vm') return;
  await insertVmEvents(database, { vmKeys: [subject.vm.key], kind, detail });
};

export interface Refusal {
  readonly subject: Subject;
  readonly tokenId: string;
  readonly problem: Pick<Problem, 'code'>;
  readonly remoteAddress: string;
}

/** Beyond these the oldest is told once more, should it come again. */
const MAX_KEPT = 4096;

/** Once for each token and reason: an agent that was refused asks again and again. */
export const makeNoteRefusal = (database: Queryable) => {
  const noted = new Set<string>();
  return async ({ subject, tokenId, problem, remoteAddress }: Refusal): Promise<void> => {
    const key = `${tokenId} ${problem.code}`;
    if (noted.has(key)) return;
    const [oldest] = noted;
    if (noted.size >= MAX_KEPT && oldest !== undefined) noted.delete(oldest);
    noted.add(key);
    const detail = { reason: problem.code, from: remoteAddress };
    await noteOnTimeline(database, subject, 'enrollment_refused', detail);
  };
};
