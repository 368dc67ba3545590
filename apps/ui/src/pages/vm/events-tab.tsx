/** What happened to the VM, newest first. Each line leads to the charts of that moment. */
import type { VmEvent } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatDuration } from '../../format/duration.ts';
import { AskProblem } from './ask-problem.tsx';
import { describeEvent } from './event-words.ts';
import { useVm } from './vm-stores.ts';
import './vm-table.css';

/** Before and after the moment, so that one sees what led to it. */
const AROUND_MS = 5 * 60_000;

const Row = ({ event, now }: { readonly event: VmEvent; readonly now: number }): JSX.Element => {
  const { time } = useApp();
  const { id } = useVm();
  const { title, detail } = describeEvent(event);
  const around = `from=${event.at - AROUND_MS}&to=${event.at + AROUND_MS}`;
  return (
    <tr>
      <td class="secondary" title={time.full(event.at)}>
        {time.stamp(event.at)}
        <span class="muted vm-optional"> {formatDuration((now - event.at) / 1000)} ago</span>
      </td>
      <td class="vm-wrap vm-event">
        {title}
        {detail === '' ? null : <span class="secondary">{detail}</span>}
      </td>
      <td class="numeric">
        <a class="vm-link" href={`/vms/${encodeURIComponent(id)}?${around}`}>
          Charts<span class="visually-hidden"> around {time.full(event.at)}</span>
        </a>
      </td>
    </tr>
  );
};

export const EventsTab = (): JSX.Element => {
  const { events, live } = useVm();
  const { ticker } = useApp();
  void ticker.now.value;
  const list = events.events.value;
  return (
    <div class="vm-side">
      <AskProblem problem={events.problem.value} onRetry={() => void events.refresh()} />
      {list === undefined ? null : (
        <table class="vm-table vm-events">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">
                <span class="visually-hidden">Charts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.map((event) => (
              <Row key={event.id} event={event} now={live.managerNow()} />
            ))}
          </tbody>
        </table>
      )}
      {list?.length === 0 ? <p class="muted">Nothing has happened to it yet.</p> : null}
      {events.hasMore.value ? (
        <button type="button" class="button vm-more" onClick={() => void events.more()}>
          Older ones
        </button>
      ) : null}
    </div>
  );
};
