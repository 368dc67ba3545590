/** The charts, and beside them cores, filesystems and the processes at the top. */
import type { JSX } from 'preact';
import { TimeChart } from '../../charts/time-chart.tsx';
import { LogStrip } from '../../logs/log-strip.tsx';
import { CoresStrip } from './cores-strip.tsx';
import { Filesystems } from './filesystems.tsx';
import { HistoryNotice } from './history-notice.tsx';
import { TopProcesses } from './top-processes.tsx';
import { VM_CHARTS } from './vm-charts.ts';
import { useVm } from './vm-stores.ts';
import './overview.css';

export const Overview = (): JSX.Element => {
  const { group } = useVm();
  return (
    <>
      <HistoryNotice />
      <div class="vm-overview">
        <div class="vm-charts">
          {VM_CHARTS.map((spec) => (
            <TimeChart key={spec.id} spec={spec} group={group} />
          ))}
        </div>
        <div class="vm-aside">
          <CoresStrip />
          <Filesystems />
          <TopProcesses />
        </div>
      </div>
      <LogStrip />
    </>
  );
};
