/** Takes logs along as a file: of each VM, as text or JSON, of a span of time. */
import type { LogSource } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Icon } from '../ui/icons.tsx';
import { Menu } from './menu.tsx';
import { useLogModel, type LogModel } from './log-model.ts';

const MINUTE_MS = 60_000;
const SPANS = [
  ['view', 'The lines in this view', undefined],
  ['15m', 'The last 15 minutes', 15 * MINUTE_MS],
  ['1h', 'The last hour', 60 * MINUTE_MS],
  ['24h', 'The last 24 hours', 24 * 60 * MINUTE_MS],
  ['all', 'All that the guest has', Number.POSITIVE_INFINITY],
] as const;

type Span = (typeof SPANS)[number][0];

const since = (span: Span, { view }: LogModel, now: number): number | undefined => {
  const length = SPANS.find(([name]) => name === span)?.[2];
  if (length === undefined) return view.rows.ring.at(view.rows.ring.first)?.at;
  return Number.isFinite(length) ? now - length : undefined;
};

const downloadHref = (
  vmId: string,
  options: {
    readonly format: 'txt' | 'json';
    readonly source: LogSource | undefined;
    readonly since: number | undefined;
    readonly until: number;
  },
): string => {
  const query = new URLSearchParams({ format: options.format });
  if (options.source !== undefined) query.set('source', options.source);
  if (options.since !== undefined) query.set('since', String(Math.floor(options.since)));
  query.set('until', String(Math.ceil(options.until)));
  return `/v1/vms/${encodeURIComponent(vmId)}/logs/download?${query.toString()}`;
};

export const DownloadChoice = ({
  source,
}: {
  readonly source: LogSource | undefined;
}): JSX.Element => {
  const { now } = useApp();
  const model = useLogModel();
  const [span, setSpan] = useState<Span>('1h');
  const { view, nameOf } = model;
  const at = now();
  return (
    <>
      <div class="log-choices" role="group" aria-label="Span of time">
        {SPANS.map(([name, title]) => (
          <label key={name}>
            <input
              type="radio"
              name="log-span"
              checked={span === name}
              onChange={() => setSpan(name)}
            />
            <span class="log-choice">{title}</span>
          </label>
        ))}
      </div>
      {view.vmIds.map((vmId, stream) => (
        <div key={vmId} class="log-downloads">
          {view.vmIds.length > 1 ? <span class="log-choice">{nameOf(stream)}</span> : null}
          {(['txt', 'json'] as const).map((format) => (
            <a
              key={format}
              class="button"
              download
              href={downloadHref(vmId, {
                format,
                source,
                since: since(span, model, at),
                until: at,
              })}
            >
              {format === 'txt' ? 'Text' : 'JSON'}
            </a>
          ))}
        </div>
      ))}
    </>
  );
};

export const DownloadMenu = ({
  source,
}: {
  readonly source: LogSource | undefined;
}): JSX.Element => (
  <Menu
    label={
      <>
        <Icon name="download" />
        <span class="log-label">Download</span>
      </>
    }
    className="log-menu-end log-secondary"
  >
    {() => <DownloadChoice source={source} />}
  </Menu>
);
