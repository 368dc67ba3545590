/** Above the lines: what is shown of them, and how. */
import type { JSX, RefObject } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { Icon } from '../ui/icons.tsx';
import { DownloadMenu } from './download-menu.tsx';
import { LogSearch } from './log-search.tsx';
import { useLogModel } from './log-model.ts';
import { changedHref, type LogChanges, type LogQuery } from './log-query.ts';
import { MoreMenu } from './more-menu.tsx';
import { useGoLive } from './jump-pill.tsx';
import { LEVELS, type ViewLevel } from './row.ts';
import { SourceMenu } from './source-menu.tsx';
import { UnitMenu } from './unit-menu.tsx';
import './log-toolbar.css';

const LEVEL_NAMES = { error: 'Error', warn: 'Warn', info: 'Info', debug: 'Debug' } as const;
const LEVEL_TITLES = {
  error: 'Only errors',
  warn: 'Warnings and worse',
  info: 'Information and worse',
  debug: 'Everything with a level',
} as const;
const COUNTED: ReadonlySet<ViewLevel> = new Set(['error', 'warn']);

const Levels = ({
  level,
  onChange,
}: {
  readonly level: ViewLevel | undefined;
  readonly onChange: (level: ViewLevel | undefined) => void;
}): JSX.Element => {
  const { view } = useLogModel();
  void view.slowTick.value;
  const { levels } = view.rows.counts;
  return (
    <div class="segments" role="group" aria-label="Level">
      <button type="button" aria-current={level === undefined} onClick={() => onChange(undefined)}>
        All
      </button>
      {LEVELS.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={level === name}
          title={`${LEVEL_TITLES[name]}; there are ${formatCount(levels[name])} of this level`}
          onClick={() => onChange(name)}
        >
          {LEVEL_NAMES[name]}
          <b data-quiet={!COUNTED.has(name)}>{formatCount(levels[name])}</b>
        </button>
      ))}
    </div>
  );
};

const Streams = ({
  stream,
  onChange,
}: {
  readonly stream: 'stdout' | 'stderr' | undefined;
  readonly onChange: (stream: string | undefined) => void;
}): JSX.Element => {
  const { view } = useLogModel();
  const { streams } = view.rows.counts;
  return (
    <div class="segments" role="group" aria-label="Stream">
      {([undefined, 'stdout', 'stderr'] as const).map((name) => (
        <button
          key={name ?? 'both'}
          type="button"
          aria-current={stream === name}
          title={
            name === undefined
              ? 'Whatever it was written to'
              : `${formatCount(streams[name])} lines are known to be from ${name}`
          }
          onClick={() => onChange(name)}
        >
          {name ?? 'Both'}
        </button>
      ))}
    </div>
  );
};

const PauseButton = (): JSX.Element => {
  const { view } = useLogModel();
  const goLive = useGoLive();
  const { isPaused, isFollowing } = view.follow;
  const stands = isPaused.value || view.moment !== undefined;
  return (
    <button
      type="button"
      class="button log-pause"
      aria-pressed={stands}
      aria-label={stands ? 'Paused' : 'Pause'}
      title={stands ? 'Go on (Space)' : 'Pause (Space)'}
      data-following={isFollowing.value}
      onClick={() => {
        if (stands) goLive();
        else isPaused.value = true;
      }}
    >
      <Icon name={stands ? 'play' : 'pause'} />
      <span>{stands ? 'Paused' : 'Pause'}</span>
    </button>
  );
};

export const LogToolbar = ({
  query,
  input,
}: {
  readonly query: LogQuery;
  readonly input: RefObject<HTMLInputElement | null>;
}): JSX.Element => {
  const { navigation } = useApp();
  const { settings, view, matchNumber } = useLogModel();
  const { wrap } = settings.values.value;
  const { filter, search, onlyMatches, source } = query;
  const change = (changes: LogChanges): void => {
    const place = navigation.place.peek();
    navigation.go(changedHref(place.path, place.query, changes), { replace: true });
  };
  return (
    <div class="log-bar">
      <LogSearch
        input={input}
        search={search}
        onlyMatches={onlyMatches}
        onSearch={(text) => {
          matchNumber.value = undefined;
          change({ find: text === '' ? undefined : text });
        }}
        onOnly={(isOnly) => change({ only: isOnly ? 'matches' : undefined })}
      />
      <Levels level={filter.level} onChange={(level) => change({ level })} />
      <Streams stream={filter.stream} onChange={(stream) => change({ stream })} />
      <UnitMenu units={filter.units} onChange={(units) => change({ unit: [...units] })} />
      {source === undefined ? null : (
        <SourceMenu source={source} onChange={(name) => change({ source: name })} />
      )}
      <div class="log-tools">
        <PauseButton />
        <button
          type="button"
          class="button log-secondary"
          aria-pressed={wrap}
          onClick={() => settings.set('wrap', !wrap)}
        >
          <Icon name="wrap" />
          <span class="log-label">Wrap</span>
        </button>
        <button
          type="button"
          class="button log-secondary"
          title="Empties this view; the logs themselves stay"
          onClick={() => view.clear()}
        >
          <Icon name="trash" />
          <span class="log-label">Clear</span>
        </button>
        <DownloadMenu source={source} />
        <MoreMenu source={source} onSource={(name) => change({ source: name })} />
      </div>
    </div>
  );
};
