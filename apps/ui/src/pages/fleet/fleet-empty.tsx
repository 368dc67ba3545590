/** In place of the table: no VM is registered yet, or none fits. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';

export const NoneFits = (): JSX.Element => {
  const { navigation } = useApp();
  return (
    <div class="empty">
      <h2>No VM fits</h2>
      <p>None has all of what is searched and filtered for.</p>
      <button type="button" class="button" onClick={() => navigation.go('/')}>
        Show all
      </button>
    </div>
  );
};

export const FleetEmpty = (): JSX.Element => (
  <div class="page">
    <div class="empty">
      <h1>No VMs yet</h1>
      <p>Register one by its address, or adopt one that a host has found.</p>
      <a class="button button-primary" href="/add">
        Add a VM
      </a>
    </div>
  </div>
);
