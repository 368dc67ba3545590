/** `?`: every key of the product in one list. */
import type { JSX } from 'preact';
import { Dialog } from '../ui/dialog.tsx';

const KEYS = [
  ['/', 'Search'],
  ['j, k', 'Next and previous VM of the list'],
  ['Enter', 'Open it'],
  ['x', 'Select it'],
  ['X', 'Select all from the one before to it'],
  ['g f', 'Fleet'],
  ['g h', 'Hosts'],
  ['g l', 'Logs'],
  ['g r', 'Runs'],
  ['g c', 'Saved commands'],
  ['g a', 'Add a VM'],
  ['g t', 'Tokens'],
  ['g s', 'Settings'],
  ['[, ]', 'Shorter and longer range'],
  ['Space', 'Pause the charts or the log, and go on'],
  ['n, N', 'In a log: next match, and the one before'],
  ['G', 'In a log: jump to live'],
  ['Esc', 'Back to live; close'],
  ['?', 'This list'],
] as const;

export const ShortcutHelp = ({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): JSX.Element => (
  <Dialog open={open} onClose={onClose} title="Keyboard">
    <dl class="key-list">
      {KEYS.map(([keys, meaning]) => (
        <div key={keys}>
          <dt>
            {keys.split(/,? /u).map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
