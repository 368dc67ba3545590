/** How far the enrolment of a VM is, as it goes on. */
import type { Enrollment } from '@innkeeper/protocol';
import { useEffect } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { acknowledged } from '../state/connection.ts';
import { useAnswer, type Answer } from '../state/use-answer.ts';
import { enrollmentPath } from './enrollee.ts';

/** The time of a token runs out without a word. */
const AGAIN_MS = 10_000;

const ignoreReading = (_reading: unknown, received: () => void): void => received();

export const useEnrollment = (
  vmId: string,
  {
    subscribes,
    asksAgain,
  }: {
    /** The page has no subscription to this VM of its own. */
    readonly subscribes: boolean;
    /** Also by the clock: somebody waits for it. */
    readonly asksAgain: boolean;
  },
): Answer<Enrollment> => {
  const { connection } = useApp();
  const answer = useAnswer<Enrollment>(
    enrollmentPath({ kind: 'vm', id: vmId }),
    asksAgain ? AGAIN_MS : undefined,
  );
  const { reload } = answer;
  useEffect(() => {
    const { socket } = connection;
    const onChange = ({ vm_id: id }: { vm_id: string }): void => {
      if (id === vmId) reload();
    };
    // Asked once already where the page has its connection.
    let isMounting = true;
    const endConnect = connection.onConnect(() => {
      if (!isMounting) reload();
    });
    isMounting = false;
    socket.on('vm:enrollment', onChange);
    return () => {
      endConnect();
      socket.off('vm:enrollment', onChange);
    };
  }, [vmId, connection, reload]);
  useEffect(() => {
    if (!subscribes) return undefined;
    const { socket } = connection;
    socket.on('vm', ignoreReading);
    const endSubscription = connection.onConnect(() => {
      void acknowledged((acknowledge) => socket.emit('vm:subscribe', { vm_id: vmId }, acknowledge));
    });
    return () => {
      endSubscription();
      socket.off('vm', ignoreReading);
      if (socket.connected) socket.emit('vm:unsubscribe', { vm_id: vmId }, () => undefined);
    };
  }, [vmId, connection, subscribes]);
  return answer;
};

/** Nobody tells of hosts: their list is asked as often. */
const HOST_AGAIN_MS = 2_000;

export const useHostEnrollment = (hostId: string): Answer<Enrollment> =>
  useAnswer<Enrollment>(enrollmentPath({ kind: 'host', id: hostId }), HOST_AGAIN_MS);
