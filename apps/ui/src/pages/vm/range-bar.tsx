/** Live, the last so and so long, or from here to there. `[` and `]` step, Esc goes back to live. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { rangeName, rangeQuery, RANGES, stepRange, type VmRange } from '../../state/vm-range.ts';
import { CustomRangeDialog } from './custom-range-dialog.tsx';

const titleOf = (range: VmRange): string => {
  if (range.kind === 'live') return 'The last 5 minutes, live';
  return `The last ${rangeName(range)}`;
};

export const RangeBar = ({ range }: { readonly range: VmRange }): JSX.Element => {
  const { navigation } = useApp();
  const [isOpen, setIsOpen] = useState(false);
  const go = (chosen: VmRange | undefined): void => {
    if (chosen !== undefined) navigation.setQuery(rangeQuery(chosen));
  };
  useShortcuts({
    '[': () => go(stepRange(range, -1)),
    ']': () => go(stepRange(range, 1)),
    Escape: () => {
      if (range.kind !== 'live') go({ kind: 'live' });
    },
  });
  const current = rangeName(range);
  return (
    <>
      <div class="segments vm-ranges" role="group" aria-label="Time range">
        {RANGES.map((one) => (
          <button
            key={rangeName(one)}
            type="button"
            title={titleOf(one)}
            aria-current={rangeName(one) === current ? 'true' : undefined}
            onClick={() => go(one)}
          >
            {rangeName(one)}
          </button>
        ))}
        <button
          type="button"
          aria-current={range.kind === 'fixed' ? 'true' : undefined}
          aria-haspopup="dialog"
          onClick={() => setIsOpen(true)}
        >
          Custom
        </button>
      </div>
      <CustomRangeDialog
        open={isOpen}
        onClose={() => setIsOpen(false)}
        onChoose={(chosen) => {
          setIsOpen(false);
          go(chosen);
        }}
      />
    </>
  );
};
