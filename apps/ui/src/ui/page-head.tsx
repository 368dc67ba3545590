/** The title of a page that lists things, and the button that adds one. */
import type { JSX } from 'preact';
import { Icon } from './icons.tsx';
import './list.css';

export const PageHead = ({
  title,
  action,
}: {
  readonly title: string;
  /** Undefined: whoever is signed in may not. */
  readonly action: { readonly text: string; readonly act: () => void } | undefined;
}): JSX.Element => (
  <header class="page-head">
    <h1 class="page-title">{title}</h1>
    {action === undefined ? null : (
      <button type="button" class="button button-primary" onClick={action.act}>
        <Icon name="plus" />
        {action.text}
      </button>
    )}
  </header>
);
