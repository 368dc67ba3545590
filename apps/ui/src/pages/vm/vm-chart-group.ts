/** What the charts of a VM share: the range, the crosshair, events, and how moments are written. */
import { computed, signal } from '@preact/signals';
import type { App } from '../../app-context.ts';
import type { ChartGroup, Crosshair } from '../../charts/chart-spec.ts';
import { DAY } from '../../charts/time-ticks.ts';
import type { VmEvents } from '../../state/vm-events.ts';
import { rangeQuery, type VmRange } from '../../state/vm-range.ts';
import type { VmLive } from '../../state/vm-live.ts';
import type { VmRecord } from '../../state/vm-record.ts';
import type { VmView } from '../../state/vm-view.ts';
import { FAILURE_WORDS, MISSING_WORDS } from '../../ui/state-words.ts';
import { marksOf, reasonOfGap } from './event-words.ts';
import { momentText } from './moment-text.ts';

const MINUTE_MS = 60_000;
const PARTS = ['cpu', 'memory', 'network', 'disk'] as const;

const makeTickLabel = (): ((time: number, stepMs: number) => string) => {
  const seconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
  const minutes = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
  const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
  return (time, stepMs) => {
    if (stepMs < MINUTE_MS) return seconds.format(time);
    if (stepMs >= DAY) return days.format(time);
    const clock = minutes.format(time);
    // Where a day begins, its name says more.
    return clock === '00:00' ? days.format(time) : clock;
  };
};

export const makeVmChartGroup = ({
  app: { navigation, time, connection, frames, palette },
  view,
  events,
  record,
  live,
}: {
  readonly live: Pick<VmLive, 'reading' | 'managerNow'>;
  readonly app: Pick<App, 'navigation' | 'time' | 'connection' | 'frames' | 'palette'>;
  readonly view: VmView;
  readonly events: VmEvents;
  readonly record: VmRecord;
}): ChartGroup => {
  const go = (range: VmRange): void => navigation.setQuery(rangeQuery(range));
  return {
    frames,
    palette,
    samples: () => view.samples(),
    newest: () => view.newest(),
    span: () => view.span(),
    tick: view.tick,
    crosshair: signal<Crosshair | undefined>(undefined),
    marks: computed(() => marksOf(events.events.value ?? [])),
    beginsAt: () => record.vm.peek().value?.created_at,
    reasonOf: (gap, at) => {
      if (view.isLoading.peek()) return 'still loading';
      const isNow = gap.to >= view.span().to;
      if (isNow && connection.state.peek().kind === 'lost') return 'no connection to the manager';
      const createdAt = record.vm.peek().value?.created_at;
      const wasHeard = view.samples().times.some((row) => row >= gap.from && row <= gap.to);
      return reasonOfGap(gap, at, events.events.peek() ?? [], createdAt, wasHeard);
    },
    whyUnknown: (part) => {
      const reading = live.reading.peek();
      if (reading === undefined) return 'nothing has been heard yet';
      const { reason, reasons } = reading;
      const known = PARTS.find((one) => one === part);
      const missing = known === undefined ? null : reasons[known];
      if (missing !== null) return MISSING_WORDS[missing];
      return reason === null ? 'there was no value just now' : FAILURE_WORDS[reason];
    },
    zoom: ({ from, to }) => go({ kind: 'fixed', from, to }),
    backToLive: () => go({ kind: 'live' }),
    setWidth: (pixels) => view.setWidth(pixels),
    tickLabel: makeTickLabel(),
    momentLabel: (at) => momentText(time, at, view.span(), live.managerNow()),
    offsetMs: (at) => -new Date(at).getTimezoneOffset() * MINUTE_MS,
  };
};
