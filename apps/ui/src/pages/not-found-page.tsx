/** An address that no page has. */
import type { JSX } from 'preact';

export const NotFoundPage = (): JSX.Element => (
  <div class="page">
    <div class="empty">
      <h1>There is no such page</h1>
      <p>The address may be from another release, or mistyped.</p>
      <a class="button" href="/">
        To the fleet
      </a>
    </div>
  </div>
);
