/** Lines have only their time of day: which day it was, where that is not today. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { useLogModel } from './log-model.ts';

const DAY = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});

export const SightDate = (): JSX.Element | null => {
  const { time, now } = useApp();
  const { view, area } = useLogModel();
  void view.slowTick.value;
  const [first] = area.value?.inSight() ?? [];
  const row = first === undefined ? undefined : view.rows.ring.at(first);
  if (row === undefined || time.isSameDay(row.at, now())) return null;
  return <span class="log-date">{DAY.format(row.at)}</span>;
};
