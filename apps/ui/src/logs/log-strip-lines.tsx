/** The last lines of a VM, without anything to do with them. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { useVm } from '../pages/vm/vm-stores.ts';
import { makeLineElement, type LineElement, type LineLook } from './line-element.ts';
import { makeLineTime } from './line-time.ts';
import { makeLogPages } from './log-pages.ts';
import { makeLogView, type LogView } from './log-view.ts';
import { statusWords } from './log-words.ts';
import './log-lines.css';

const LINES = 8;
const NOTHING = { level: undefined, units: new Set<string>(), stream: undefined } as const;

const drawLast = (
  box: HTMLElement,
  lines: LineElement[],
  { rows: { ring, index } }: LogView,
  look: LineLook,
): void => {
  const count = Math.min(LINES, index.visible.length);
  for (let at = 0; at < count; at += 1) {
    const line = lines[at] ?? makeLineElement(document);
    lines[at] = line;
    if (line.element.parentElement === null) box.append(line.element);
    const row = ring.at(index.visible.at(index.visible.length - count + at) ?? ring.end);
    if (row !== undefined && line.row !== row) line.fill(row, look);
  }
};

export const LogStripLines = (): JSX.Element => {
  const { connection, session, frames, now, time, ticker } = useApp();
  const { id } = useVm();
  const box = useRef<HTMLDivElement>(null);
  const view = useMemo(
    () =>
      makeLogView({
        vmIds: [id],
        source: undefined,
        moment: undefined,
        connection,
        pages: makeLogPages(session.api, undefined),
        frames,
        now,
        wanted: { filter: NOTHING, matcher: undefined, onlyMatches: false },
      }),
    [id, connection, session, frames],
  );
  useEffect(() => view.start(), [view]);
  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const lines: LineElement[] = [];
    const look: LineLook = {
      matcher: undefined,
      isWrapped: false,
      time: makeLineTime(time),
      vmName: undefined,
    };
    return view.tick.subscribe(() => drawLast(current, lines, view, look));
  }, [view]);
  const [status] = view.statuses.value;
  const words = status === undefined ? undefined : statusWords(status, ticker.now.value);
  return (
    <>
      <div ref={box} class="log-strip-lines" role="group" aria-label="Last lines" />
      {words === undefined || words.state === 'live' ? null : (
        <p class="log-strip-state">
          {words.long ?? words.short} {words.retry}
        </p>
      )}
    </>
  );
};
