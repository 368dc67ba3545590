/** Back to what comes: said and offered whenever the view does not follow. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { changedHref } from './log-query.ts';
import { useLogModel } from './log-model.ts';
import { limitedCountText } from './log-words.ts';

export const useGoLive = (): (() => void) => {
  const { navigation } = useApp();
  const { view, close, isOpen } = useLogModel();
  return () => {
    if (view.moment !== undefined) {
      const { path, query } = navigation.place.peek();
      navigation.go(changedHref(path, query, { at: undefined, line: undefined }));
      return;
    }
    if (isOpen.peek()) close();
    document.getSelection()?.removeAllRanges();
    view.follow.goLive();
  };
};

export const JumpPill = (): JSX.Element | null => {
  const { view } = useLogModel();
  const goLive = useGoLive();
  void view.slowTick.value;
  const { visible } = view.rows.index;
  if (view.follow.isFollowing.value) return null;
  const count = visible.length - visible.positionOf(view.heldAt());
  const isHeldOnly =
    view.follow.isHeld.value && !view.follow.isAway.value && !view.follow.isPaused.value;
  if (isHeldOnly && count === 0) return null;
  const news =
    view.moment !== undefined || count === 0 ? '' : `, ${limitedCountText(count, 'new line')}`;
  return (
    <button type="button" class="log-jump" onClick={goLive}>
      Jump to live{news}
    </button>
  );
};
