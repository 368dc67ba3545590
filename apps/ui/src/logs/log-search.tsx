/** What is searched in the lines that are here: marked, counted, and gone through one by one. */
import type { JSX, RefObject } from 'preact';
import { formatCount } from '../format/count.ts';
import { Announced } from '../ui/announced.tsx';
import { Icon } from '../ui/icons.tsx';
import { useLogModel } from './log-model.ts';

export const LogSearch = ({
  input,
  search,
  onlyMatches,
  onSearch,
  onOnly,
}: {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly search: string;
  readonly onlyMatches: boolean;
  readonly onSearch: (text: string) => void;
  readonly onOnly: (isOnly: boolean) => void;
}): JSX.Element => {
  const { view, goToMatch, matchNumber } = useLogModel();
  void view.slowTick.value;
  const { matches } = view.rows.index;
  const found = formatCount(matches.length);
  const total = formatCount(view.rows.counts.lines);
  const at = matchNumber.value;
  const count = `${at === undefined ? '' : `${formatCount(at)}/`}${found} of ${total}`;
  return (
    <div class="log-search">
      {/* That more lines come, and more of them match, is no news to be read out. */}
      <Announced
        subject={search === '' ? '' : `${at ?? ''} ${search}`}
        words={search === '' ? '' : `${count} lines match`}
      />
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label="Search in these lines"
        placeholder="Search in these lines"
        maxLength={256}
        value={search}
        onInput={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === 'Enter') {
            event.preventDefault();
            goToMatch(event.shiftKey ? -1 : 1);
          }
          if (event.key === 'Escape') {
            event.preventDefault();
            if (search !== '') onSearch('');
            event.currentTarget.blur();
          }
        }}
      />
      {search === '' ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <>
          <em>{count}</em>
          <button
            type="button"
            class="log-tool"
            aria-label="Match before (N)"
            title="Match before (N)"
            disabled={matches.length === 0}
            onClick={() => goToMatch(-1)}
          >
            ↑
          </button>
          <button
            type="button"
            class="log-tool"
            aria-label="Next match (n)"
            title="Next match (n)"
            disabled={matches.length === 0}
            onClick={() => goToMatch(1)}
          >
            ↓
          </button>
          <button
            type="button"
            class="log-tool log-only"
            aria-pressed={onlyMatches}
            title="Only lines that match"
            onClick={() => onOnly(!onlyMatches)}
          >
            Only
          </button>
        </>
      )}
    </div>
  );
};
