/** Which of the guest's logs: what it has by itself, or one that is named. */
import type { LogSource } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { showText } from '../terminal/hostile-text.ts';
import { Menu } from './menu.tsx';

const SOURCES = [
  [undefined, 'Automatic', 'the journal, else its log files, else the kernel'],
  ['journal', 'Journal', 'what systemd-journald keeps'],
  ['kmsg', 'Kernel', 'the ring buffer of the kernel'],
  ['agent', 'Agent', 'the agent’s own last lines'],
] as const;

const fileOf = (source: LogSource | undefined): string | undefined =>
  source?.startsWith('file:') === true ? source.slice('file:'.length) : undefined;

type OnChange = (source: string | undefined) => void;

export const SourceChoice = ({
  source,
  onChange,
}: {
  readonly source: LogSource | undefined;
  readonly onChange: OnChange;
}): JSX.Element => (
  <>
    <div class="log-choices" role="group" aria-label="Source">
      {SOURCES.map(([name, title, meaning]) => (
        <label key={title}>
          <input
            type="radio"
            name="log-source"
            checked={source === name}
            onChange={() => onChange(name)}
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
        if (typeof path === 'string' && path.startsWith('/')) onChange(`file:${path}`);
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
          defaultValue={fileOf(source) ?? ''}
        />
      </label>
      <button type="submit" class="button">
        Show it
      </button>
    </form>
  </>
);

/** Only while another than the automatic one is chosen: else it is one of the rarer choices. */
export const SourceMenu = ({
  source,
  onChange,
}: {
  readonly source: LogSource;
  readonly onChange: OnChange;
}): JSX.Element => {
  const named = SOURCES.find(([name]) => name === source)?.[1];
  return (
    <Menu label={named ?? showText(fileOf(source) ?? source).plain} isActive>
      {(close) => (
        <SourceChoice
          source={source}
          onChange={(chosen) => {
            onChange(chosen);
            close();
          }}
        />
      )}
    </Menu>
  );
};
