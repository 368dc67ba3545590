/** All that is known of the VM that is looked at, for the parts of its page. */
import { effect, untracked } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { App } from '../../app-context.ts';
import type { ChartGroup } from '../../charts/chart-spec.ts';
import { makePastProcesses, type PastProcesses } from '../../state/past-processes.ts';
import { makeVmEvents, type VmEvents } from '../../state/vm-events.ts';
import { makeVmHistory } from '../../state/vm-history.ts';
import { makeVmLive, type VmLive } from '../../state/vm-live.ts';
import { makeVmRecord, type VmRecord } from '../../state/vm-record.ts';
import { makeVmView, type VmView } from '../../state/vm-view.ts';
import { makeEventWatch } from './event-watch.ts';
import { makeVmChartGroup } from './vm-chart-group.ts';
import { makeVmMoments, type VmMoments } from './vm-moments.ts';

export interface VmStores {
  readonly id: string;
  readonly live: VmLive;
  readonly view: VmView;
  readonly events: VmEvents;
  readonly record: VmRecord;
  readonly group: ChartGroup;
  readonly moments: VmMoments;
  /** What cores and processes did when the crosshair is, or just now. */
  readonly moment: VmMoments['moment'];
  /** The processes of a moment from before this page was opened. */
  readonly past: PastProcesses;
  /** Until the answer is called. */
  follow(): () => void;
}

export const makeVmStores = (app: App, id: string): VmStores => {
  const { session, connection, fleet, ticker, now } = app;
  const history = makeVmHistory(session.api, id);
  const live = makeVmLive({ vmId: id, connection, history, now, ticker, document });
  const view = makeVmView({ live, history, isHidden: () => document.hidden });
  const events = makeVmEvents(session.api, id);
  const record = makeVmRecord(session.api, id);
  const group = makeVmChartGroup({ app, view, events, record, live });
  const past = makePastProcesses(session.api, id);
  const moments = makeVmMoments({ navigation: app.navigation, live, view, group, past });

  const eventWatch = makeEventWatch(async () => events.refresh());

  /** What was registered is asked again when the fleet says that it has changed. */
  const followRecord = (): (() => void) => {
    let before: unknown;
    return effect(() => {
      void fleet.membership.value;
      const member = fleet.get(id)?.member;
      if (member !== before && before !== undefined) void record.refresh();
      before = member;
    });
  };
  /** A new state, source or boot has left an event behind, and another boot may be another system. */
  const followChanges = (): (() => void) => {
    let state = '';
    let boot: string | null | undefined;
    return live.reading.subscribe((reading) => {
      if (reading === undefined) return;
      const changed = `${reading.state} ${reading.origin} ${reading.reason ?? ''}`;
      const isFirst = state === '';
      if (!isFirst && (changed !== state || reading.boot_id !== boot)) eventWatch.onChange();
      // An agent that has just come back, or was never asked.
      if (reading.origin === 'guest' && (boot !== reading.boot_id || !state.includes(' guest'))) {
        void record.refreshInfo();
      }
      state = changed;
      boot = reading.boot_id;
    });
  };

  /** An agent that enrols, or is refused, has left one as well; the page has subscribed to the VM. */
  const followEnrollment = (): (() => void) => {
    const onChange = ({ vm_id: changed }: { readonly vm_id: string }): void => {
      if (changed === id) void events.refresh();
    };
    connection.socket.on('vm:enrollment', onChange);
    return () => connection.socket.off('vm:enrollment', onChange);
  };

  return {
    id,
    live,
    view,
    events,
    record,
    group,
    moments,
    moment: moments.moment,
    past,
    follow: () => {
      void record.refresh();
      void events.refresh();
      const ends = [
        view.start(),
        live.follow(),
        ticker.now.subscribe(() => view.moveOn()),
        moments.follow(),
        followRecord(),
        followChanges(),
        followEnrollment(),
        effect(() => {
          const isBroken = view.problem.value !== undefined || live.problem.value !== undefined;
          untracked(() => eventWatch.onHistory(isBroken));
        }),
        () => eventWatch.stop(),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
};

export const VmContext = createContext<VmStores | undefined>(undefined);

export const useVm = (): VmStores => {
  const stores = useContext(VmContext);
  if (stores === undefined) throw new Error('a part of the VM’s page is outside of its context');
  return stores;
};
