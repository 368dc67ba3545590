/** Why no line is to be seen, and the way out. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { changedHref } from './log-query.ts';
import { useLogModel } from './log-model.ts';

const NO_FILTER = {
  level: undefined,
  unit: undefined,
  stream: undefined,
  find: undefined,
  only: undefined,
} as const;

export const LogEmpty = (): JSX.Element | null => {
  const { navigation } = useApp();
  const { view } = useLogModel();
  void view.slowTick.value;
  const { index, counts } = view.rows;
  if (index.visible.length > 0) return null;
  if (view.isCleared.value) {
    return (
      <div class="log-empty">
        <p>Nothing has come since.</p>
      </div>
    );
  }
  if (counts.lines > 0) {
    const { path, query } = navigation.place.peek();
    return (
      <div class="log-empty">
        <p>No line of {formatCount(counts.lines)} fits.</p>
        <a class="button" href={changedHref(path, query, NO_FILTER)}>
          Show all
        </a>
      </div>
    );
  }
  const { busy, problem } = view.page.value;
  if (problem !== undefined) return <div class="log-empty">{problem}</div>;
  const isLive = view.statuses.value.some(
    (status) => status.kind === 'told' && status.state.state === 'live',
  );
  return (
    <div class="log-empty">
      {busy === 'around'
        ? 'Loading'
        : isLive
          ? 'No line yet: the next one appears here by itself.'
          : 'No lines'}
    </div>
  );
};
