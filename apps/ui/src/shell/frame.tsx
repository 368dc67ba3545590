/**
 * What there is of every page before anything else is known: index.html has the same, so that it is
 * seen before the code has come.
 */
import type { JSX } from 'preact';
import './shell.css';

export const Frame = (): JSX.Element => (
  <header class="top-bar">
    <span class="brand">
      <img src="/favicon.svg" width="18" height="18" alt="" />
      <span class="brand-name">Innkeeper</span>
    </span>
  </header>
);
