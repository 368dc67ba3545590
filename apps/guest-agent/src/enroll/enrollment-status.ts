/** How the enrolment goes, for `/health` and for the log: each reason once, however often it is met. */
import type { Health } from '@innkeeper/protocol';
import type { Log } from '../log.ts';
import type { ManagerAnswer } from './manager-answer.ts';

type Status = NonNullable<Health['enrollment']>;

export interface EnrollmentStatus {
  get(): Status;
  /** As the agent was left the last time. */
  resume(): void;
  waiting(code: string, message: string): void;
  refused(code: string, message: string): void;
  registered(answer: ManagerAnswer & { readonly kind: 'registered' }): void;
}

export const makeEnrollmentStatus = (log: Log): EnrollmentStatus => {
  let status: Status = { state: 'waiting', code: null, message: null };
  let said: string | undefined;
  const isNews = (message: string | undefined): boolean => {
    const isNew = said !== message;
    said = message;
    return isNew;
  };

  return {
    get: () => status,
    resume: () => {
      status = { state: 'enrolled', code: null, message: null };
    },
    waiting: (code, message) => {
      const what = status.state === 'enrolled' ? 'the manager is not told' : 'not enrolled yet';
      if (isNews(message)) log.warn(what, { code, reason: message });
      if (status.state !== 'enrolled') status = { state: 'waiting', code, message };
    },
    refused: (code, message) => {
      if (isNews(message)) log.error('the manager refuses this agent', { code, message });
      status = { state: 'refused', code, message };
    },
    registered: ({ guestIp, addressProblem }) => {
      const isNew = status.state !== 'enrolled';
      const what = isNew ? 'enrolled' : 'address reported';
      const isTold = isNews(addressProblem) && addressProblem !== undefined;
      if (isNew || addressProblem === undefined) log.info(what, { guest_ip: guestIp ?? null });
      if (isTold) log.warn('the manager has registered no address', { reason: addressProblem });
      const code = addressProblem === undefined ? null : 'address';
      status = { state: 'enrolled', code, message: addressProblem ?? null };
    },
  };
};
