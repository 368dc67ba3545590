/** The first minutes: no VM is registered yet. */
import type { JSX } from 'preact';

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
