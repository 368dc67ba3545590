/** The provisioning of a VM as it goes on, for whoever looks at it. */
import type { ProvisioningRound, ProvisionState } from '@innkeeper/protocol';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { acknowledged } from '../state/connection.ts';
import { useAnswer, type Answer } from '../state/use-answer.ts';
import { mergeRounds } from './merge-rounds.ts';

interface RoundsOfPage {
  readonly items: readonly ProvisioningRound[];
  readonly next_cursor: string | null;
}

export interface Rounds extends Pick<Answer<RoundsOfPage>, 'problem' | 'reload'> {
  /** Newest first; undefined: not known yet. */
  readonly rounds: readonly ProvisioningRound[] | undefined;
  readonly hasOlder: boolean;
}

export const provisioningPath = (vmId: string): string =>
  `/v1/vms/${encodeURIComponent(vmId)}/provisioning`;

const MAX_ROUNDS = 50;

export const useRounds = (vmId: string): Rounds => {
  const { connection } = useApp();
  const answer = useAnswer<RoundsOfPage>(`${provisioningPath(vmId)}?limit=${MAX_ROUNDS}`);
  const [live, setLive] = useState<ProvisionState | undefined>(undefined);
  const { reload } = answer;
  useEffect(() => {
    const { socket } = connection;
    let newest: string | undefined;
    const onState = (state: ProvisionState, received: () => void): void => {
      received();
      if (state.vm_id !== vmId) return;
      // Another round: the one before may have ended unseen.
      if (newest !== undefined && newest !== state.round?.id) reload();
      newest = state.round?.id;
      setLive(state);
    };
    socket.on('provision:state', onState);
    const endSubscription = connection.onConnect(() => {
      void acknowledged((acknowledge) =>
        socket.emit('provision:subscribe', { vm_id: vmId }, acknowledge),
      );
    });
    return () => {
      endSubscription();
      socket.off('provision:state', onState);
      if (socket.connected) socket.emit('provision:unsubscribe', { vm_id: vmId }, () => undefined);
    };
  }, [vmId, connection, reload]);
  return {
    rounds: mergeRounds(answer.value?.items, live?.vm_id === vmId ? live.round : undefined),
    hasOlder: answer.value?.next_cursor !== null && answer.value !== undefined,
    problem: answer.problem,
    reload,
  };
};
