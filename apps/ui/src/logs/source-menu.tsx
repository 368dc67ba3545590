/** Which of the guest's logs: what it has by itself, or one that is named. */
import type { LogSource } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { Menu } from './menu.tsx';

const SOURCES = [
  [undefined, 'Automatic', 'the journal, else its log files, else the kernel'],
  ['journal', 'Journal', 'what systemd-journald keeps'],
  ['kmsg', 'Kernel', 'the ring buffer of the kernel'],
  ['agent', 'Agent', 'the agent’s own last lines'],
] as const;

export const SourceMenu = ({
  source,
  onChange,
}: {
  readonly source: LogSource | undefined;
  readonly onChange: (source: string | undefined) => void;
}): JSX.Element => {
  const file = source?.startsWith('file:') === true ? source.slice('file:'.length) : undefined;
  const named = SOURCES.find(([name]) => name === source)?.[1];
  return (
    <Menu
      className="log-secondary"
      label={file ?? (source === undefined ? 'Source' : (named ?? source))}
      isActive={source !== undefined}
    >
      {(close) => (
        <>
          <div class="log-choices" role="group" aria-label="Source">
            {SOURCES.map(([name, title, meaning]) => (
              <label key={title}>
                <input
                  type="radio"
                  name="log-source"
                  checked={source === name}
                  onChange={() => {
                    onChange(name);
                    close();
                  }}
                />
                <span class="log-choice">
                  {title} <small>{meaning}</small>
                </span>
              </label>
            ))}
          </div>
          <form
            class="log-file"
            onSubmit={(event) => {
              event.preventDefault();
              const path = new FormData(event.currentTarget).get('path');
              if (typeof path !== 'string' || !path.startsWith('/')) return;
              onChange(`file:${path}`);
              close();
            }}
          >
            <label class="field">
              A file that the agent’s settings allow
              <input
                class="input mono"
                name="path"
                required
                pattern="/.*"
                maxLength={900}
                placeholder="/var/log/app.log"
                defaultValue={file ?? ''}
              />
            </label>
            <button type="submit" class="button">
              Show it
            </button>
          </form>
        </>
      )}
    </Menu>
  );
};
