/** The strip at the top: how many run, how busy they are, and what needs somebody. */
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatCount } from '../../format/count.ts';
import {
  formatBytes,
  formatBytesPerSecond,
  formatPercent,
  type Quantity,
} from '../../format/quantity.ts';
import { sumRows } from '../../state/fleet-totals.ts';
import type { Trail } from '../../state/trail.ts';
import { Sparkline } from '../../ui/sparkline.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { STATE_WORDS } from '../../ui/state-words.ts';
import { facetOf, fits, isFiltered } from './fleet-lines.ts';
import { parseFleetQuery, type Facet } from './fleet-query.ts';
import './fleet-summary.css';

const SPARK = { width: 100, height: 30 } as const;

const Cell = ({
  name,
  quantity,
  of,
  trail,
  colour,
  top,
}: {
  readonly name: string;
  readonly quantity: Quantity;
  readonly of: string;
  /** Undefined: of what is filtered for, nobody has kept the last minutes. */
  readonly trail: Trail | undefined;
  readonly colour: string;
  readonly top?: number;
}): JSX.Element => {
  const { fleet } = useApp();
  return (
    <div>
      <div class="summary-name">{name}</div>
      <div class="summary-value">
        {quantity.figure}
        <small>
          {quantity.unit} <span class="summary-of">{of}</span>
        </small>
      </div>
      {trail === undefined ? null : (
        <div class="summary-spark">
          <Sparkline
            trail={trail}
            tick={fleet.trailTick.value}
            colour={colour}
            {...SPARK}
            {...(top === undefined ? {} : { top })}
          />
        </div>
      )}
    </div>
  );
};

const Count = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <span class="summary-count">{children}</span>
);

export const FleetSummary = (): JSX.Element => {
  const { fleet, hosts, navigation } = useApp();
  void fleet.tick.value;
  const query = parseFleetQuery(navigation.place.value.query);
  const filtered = isFiltered(query);
  const vms = filtered ? fleet.all().filter((vm) => fits(vm, query, hosts.nameOf)) : fleet.all();
  const sums = filtered ? sumRows(vms.map(({ row }) => row)) : fleet.totals();
  const counts = new Map<Facet, number>();
  for (const facet of vms.map(facetOf)) counts.set(facet, (counts.get(facet) ?? 0) + 1);
  const count = (...wanted: readonly Facet[]): number =>
    wanted.reduce((sum, facet) => sum + (counts.get(facet) ?? 0), 0);
  const memoryTotal = formatBytes(sums.memoryTotalBytes);
  return (
    <section class="summary panel" aria-label="Summary">
      <div>
        <div class="summary-name">VMs up</div>
        <div class="summary-value">
          {formatCount(count('up', 'warning', 'critical', 'degraded'))}
          <small>
            of {formatCount(vms.length)}
            {filtered ? ' that fit' : ''}
          </small>
        </div>
      </div>
      <Cell
        name="CPU"
        quantity={formatPercent(sums.cpuUsagePercent)}
        of={sums.cpuCount === null ? '' : `of ${formatCount(sums.cpuCount)} vCPU`}
        trail={filtered ? undefined : fleet.trails.cpu}
        colour="--s1"
        top={100}
      />
      <Cell
        name="Memory"
        quantity={formatBytes(sums.memoryUsedBytes)}
        of={sums.memoryTotalBytes === null ? '' : `of ${memoryTotal.figure} ${memoryTotal.unit}`}
        trail={filtered ? undefined : fleet.trails.memory}
        colour="--s3"
        {...(sums.memoryTotalBytes === null ? {} : { top: sums.memoryTotalBytes })}
      />
      <Cell
        name="Network"
        quantity={formatBytesPerSecond(sums.networkBytesPerSecond)}
        of=""
        trail={filtered ? undefined : fleet.trails.network}
        colour="--s2"
      />
      <div>
        <div class="summary-name">Needs attention</div>
        <div class="summary-attention">
          <Count>
            <StateMark state="up" attention="critical" /> {count('critical')} critical
          </Count>
          <Count>
            <StateMark state="up" attention="warning" /> {count('warning')} warning
          </Count>
          <Count>
            <StateMark state="stale" /> {count('stale')} {STATE_WORDS.stale}
          </Count>
          <Count>
            <StateMark state="degraded" /> {count('degraded')} {STATE_WORDS.degraded}
          </Count>
        </div>
      </div>
    </section>
  );
};
