/** All that is known of one line, and what can be done with it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { Icon } from '../ui/icons.tsx';
import { lineJson, messageText } from './copy-text.ts';
import { showText } from '../terminal/hostile-text.ts';
import { copyText } from '../ui/copy-text.ts';
import { useLogModel } from './log-model.ts';
import { changedHref, momentHref, type LogQuery } from './log-query.ts';
import { shownOf, type LineRow } from './row.ts';
import './line-details.css';

/** A message of 64 KiB is shown piece by piece. */
const STEP = 8_000;
const MOST_FIELD = 4_096;

const fieldText = (value: unknown): string =>
  showText((typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MOST_FIELD)).plain;

const Message = ({ row }: { readonly row: LineRow }): JSX.Element => {
  const [length, setLength] = useState(STEP);
  useEffect(() => setLength(STEP), [row]);
  const { pieces, plain } = shownOf(row);
  let room = length;
  return (
    <>
      <pre class="log-message">
        {(pieces ?? [{ text: plain, className: '' }]).map(({ text, className }) => {
          const shown = text.slice(0, Math.max(0, room));
          room -= text.length;
          return shown === '' || className === '' ? shown : <span class={className}>{shown}</span>;
        })}
      </pre>
      {plain.length > length ? (
        <button type="button" class="button" onClick={() => setLength(length * 2)}>
          Show more: {formatCount(plain.length - length)} characters are left
        </button>
      ) : null}
      {row.event.cut_bytes === undefined ? null : (
        <p class="muted">
          The agent has cut {formatCount(row.event.cut_bytes)} bytes from the end.
        </p>
      )}
    </>
  );
};

const Actions = ({
  row,
  query,
}: {
  readonly row: LineRow;
  readonly query: LogQuery;
}): JSX.Element => {
  const { navigation } = useApp();
  const { view, nameOf } = useLogModel();
  const [said, setSaid] = useState('');
  useEffect(() => setSaid(''), [row]);
  const copy = async (text: string, what: string): Promise<void> => {
    setSaid((await copyText(text)) ? `${what} copied` : 'The browser forbids copying here');
  };
  const { event, at } = row;
  const link = momentHref(view.vmIds[row.stream] ?? '', {
    at,
    cursor: event.cursor,
    source: query.source,
  });
  const { path, query: parameters } = navigation.place.value;
  return (
    <div class="log-actions">
      <button
        type="button"
        class="button"
        title="Copy the text, with control characters made visible"
        onClick={() => void copy(messageText(row), 'Message')}
      >
        <Icon name="copy" /> Message
      </button>
      <button
        type="button"
        class="button"
        title="Copy everything of the line, unchanged, as JSON"
        onClick={() => void copy(lineJson(row, nameOf(row.stream)), 'JSON')}
      >
        <Icon name="copy" /> JSON
      </button>
      <button
        type="button"
        class="button"
        onClick={() => void copy(new URL(link, window.location.href).href, 'Link')}
      >
        <Icon name="copy" /> Permalink
      </button>
      <a class="button" href={link}>
        What was around it
      </a>
      <a class="button" href={changedHref(path, parameters, { unit: event.target })}>
        Only this unit
      </a>
      <span class="muted" role="status">
        {said}
      </span>
    </div>
  );
};

export const LineDetails = ({ query }: { readonly query: LogQuery }): JSX.Element | null => {
  const { time } = useApp();
  const { view, current, isOpen, close, nameOf } = useLogModel();
  const row = current.value?.row;
  if (!isOpen.value || row?.kind !== 'line') return null;
  const { event } = row;
  const millis = event.timestamp === null ? '' : `, ${event.timestamp % 1000} ms`;
  const facts: readonly (readonly [string, string])[] = [
    [
      'Time',
      event.timestamp === null
        ? 'the line does not tell'
        : `${time.full(event.timestamp)}${millis}`,
    ],
    ...(view.vmIds.length > 1 ? [['VM', nameOf(row.stream)] as const] : []),
    ['Level', event.level],
    ['Unit', showText(event.target).plain],
    ...(event.stream === undefined ? [] : [['Stream', event.stream] as const]),
  ];
  return (
    <aside class="log-details" aria-label="The chosen line">
      <header>
        <Actions row={row} query={query} />
        <button
          type="button"
          class="button button-icon"
          aria-label="Close (Esc)"
          title="Close (Esc)"
          onClick={close}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="log-details-body" tabIndex={0} role="region" aria-label="Its message and fields">
        <Message row={row} />
        <dl>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {Object.entries(event.fields)
            .toSorted(([one], [other]) => (one < other ? -1 : 1))
            .map(([name, value]) => (
              <div key={`field ${name}`}>
                <dt class="mono">{showText(name.slice(0, 200)).plain}</dt>
                <dd class="mono">{fieldText(value)}</dd>
              </div>
            ))}
        </dl>
      </div>
    </aside>
  );
};
