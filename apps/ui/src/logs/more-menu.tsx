/** What is needed now and then: copying, clearing, how the view behaves. */
import type { LogSource } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import { copyLines } from './lines.tsx';
import { DownloadChoice } from './download-menu.tsx';
import { Menu } from './menu.tsx';
import { useLogModel } from './log-model.ts';
import { SourceChoice } from './source-menu.tsx';

export const MoreMenu = ({
  source,
  onSource,
}: {
  readonly source: LogSource | undefined;
  readonly onSource: (source: string | undefined) => void;
}): JSX.Element => {
  const model = useLogModel();
  const { settings, view } = model;
  const { holdUnderPointer, wrap } = settings.values.value;
  const [said, setSaid] = useState('');
  const copy = async (which: 'in sight' | 'all'): Promise<void> => {
    setSaid(await copyLines(model, which));
  };
  return (
    <Menu label={<Icon name="more" />} title="More" className="log-menu-end">
      {(close) => (
        <>
          <div class="log-choices" role="group" aria-label="How the view behaves">
            <label>
              <input
                type="checkbox"
                checked={holdUnderPointer}
                onChange={(event) => {
                  settings.set('holdUnderPointer', event.currentTarget.checked);
                  view.follow.isHeld.value = false;
                }}
              />
              <span class="log-choice">Stand still under the pointer</span>
            </label>
            <label>
              <input
                type="checkbox"
                checked={wrap}
                onChange={(event) => settings.set('wrap', event.currentTarget.checked)}
              />
              <span class="log-choice">Wrap long lines</span>
            </label>
          </div>
          <button type="button" class="button" onClick={() => void copy('in sight')}>
            Copy the lines in sight
          </button>
          <button type="button" class="button" onClick={() => void copy('all')}>
            Copy all that fit the filter
          </button>
          <div class="log-only-narrow">
            <button
              type="button"
              class="button"
              onClick={() => {
                view.clear();
                close();
              }}
            >
              Clear
            </button>
            <h2>Download</h2>
            <DownloadChoice source={source} />
          </div>
          {said === '' ? null : (
            <p class="muted" role="status">
              {said}
            </p>
          )}
          {source === undefined ? (
            <>
              <h2>Source</h2>
              <SourceChoice
                source={source}
                onChange={(chosen) => {
                  onSource(chosen);
                  close();
                }}
              />
            </>
          ) : null}
        </>
      )}
    </Menu>
  );
};
