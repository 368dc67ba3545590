/** The logs of the VM whose page this is. */
import type { JSX } from 'preact';
import { useVm } from '../pages/vm/vm-stores.ts';
import { LogViewer } from './log-viewer.tsx';

export const LogsTab = (): JSX.Element => {
  const { id } = useVm();
  return <LogViewer vmIds={[id]} />;
};
