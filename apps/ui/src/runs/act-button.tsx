/** A button for one act, which cannot be begun again while it goes on. */
import type { JSX } from 'preact';
import { Icon, type IconName } from '../ui/icons.tsx';
import type { Act } from './use-act.ts';

export const ActButton = ({
  name,
  icon,
  act,
}: {
  readonly name: string;
  readonly icon: IconName;
  readonly act: Act;
}): JSX.Element => (
  <button type="button" class="button" disabled={act.isBusy} onClick={act.act}>
    <Icon name={icon} />
    {name}
  </button>
);
