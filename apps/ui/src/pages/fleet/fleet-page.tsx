/** Every VM at once: sums, a map of who is busy, and the table. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { FleetEmpty } from './fleet-empty.tsx';
import { FleetFoot } from './fleet-foot.tsx';
import { FleetHeat } from './fleet-heat.tsx';
import { FleetSummary } from './fleet-summary.tsx';
import { FleetTable } from './fleet-table.tsx';
import './fleet-page.css';

export const FleetPage = (): JSX.Element => {
  const { fleet } = useApp();
  if (fleet.membership.value === 0) {
    return (
      <div class="page">
        <h1 class="visually-hidden">Fleet</h1>
        <p class="muted" role="status">
          Loading the fleet
        </p>
      </div>
    );
  }
  if (fleet.all().length === 0) return <FleetEmpty />;
  return (
    <div class="page fleet">
      <h1 class="visually-hidden">Fleet</h1>
      <FleetSummary />
      <FleetHeat />
      <FleetTable />
      <FleetFoot />
    </div>
  );
};
