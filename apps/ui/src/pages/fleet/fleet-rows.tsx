/** One line of the table: a VM, or the head of a group. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatLabels } from '../../format/labels.ts';
import { formatDuration } from '../../format/duration.ts';
import {
  formatBytesPerSecond,
  formatPercent,
  UNKNOWN_FIGURE,
  type Quantity,
} from '../../format/quantity.ts';
import type { FleetVm } from '../../state/fleet-entries.ts';
import { sumRows } from '../../state/fleet-totals.ts';
import { Icon } from '../../ui/icons.tsx';
import { SourceChip } from '../../ui/source-chip.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { StateMark, type Attention } from '../../ui/state-mark.tsx';
import { STATE_WORDS } from '../../ui/state-words.ts';
import { AgentCell } from './agent-cell.tsx';
import { attentionOf, cpuAttention, memoryAttention } from './attention.ts';
import { facetOf } from './fleet-lines.ts';

const SPARK = { height: 20, width: 88 } as const;
const STALE_MS = 5_000;

const Figure = ({
  quantity,
  class: column,
  attention,
}: {
  readonly quantity: Quantity;
  readonly class: string;
  readonly attention?: Attention;
}): JSX.Element => (
  <div role="cell" class={`numeric ${column}`} data-attention={attention}>
    {quantity.figure}
    {quantity.unit === '' ? null : <span class="unit">{quantity.unit}</span>}
  </div>
);

/** A click on the line itself: not on what is in it, and not the end of marking some text. */
const isPlainClick = (event: MouseEvent): boolean => {
  const { target } = event;
  const onControl = target instanceof Element && target.closest('a, button, label') !== null;
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  return !onControl && !modified && window.getSelection()?.isCollapsed !== false;
};

export const VmRow = ({
  vm,
  top,
  index,
  current,
  selected,
  onSelect,
}: {
  readonly vm: FleetVm;
  readonly top: number;
  readonly index: number;
  readonly current: boolean;
  readonly selected: boolean;
  /** `isRange`: with all between it and the one before. */
  readonly onSelect: (isRange: boolean) => void;
}): JSX.Element => {
  const { fleet, hosts, navigation } = useApp();
  void fleet.tick.value;
  const tick = fleet.trailTick.value;
  const { member, row, cpu, memory } = vm;
  const state = row?.state ?? 'unknown';
  const disk =
    row === undefined || row.diskReadBytesPerSecond === null
      ? null
      : row.diskReadBytesPerSecond + (row.diskWriteBytesPerSecond ?? 0);
  const dashed = row?.origin === 'host';
  const old = row === undefined || row.origin === 'none' || row.ageMs > STALE_MS;
  const uptime =
    state === 'up' || state === 'degraded'
      ? formatDuration(row?.uptimeSeconds ?? null)
      : STATE_WORDS[state];
  return (
    <div
      role="row"
      class="fleet-line"
      aria-rowindex={index + 2}
      data-current={current}
      data-selected={selected}
      data-old={old}
      style={{ top: `${top}px` }}
      onClick={(event) => {
        if (isPlainClick(event)) navigation.go(`/vms/${member.id}`);
      }}
    >
      <div role="cell" class="col-state">
        <label class="row-select">
          <input
            type="checkbox"
            checked={selected}
            aria-label={`Select ${member.name}`}
            onClick={(event) => onSelect(event.shiftKey)}
          />
          <StateMark state={state} attention={attentionOf(row)} />
        </label>
      </div>
      <div role="cell" class="col-name">
        <a class="vm-name" href={`/vms/${member.id}`}>
          {member.name}
        </a>
        <span class="muted vm-labels">{formatLabels(member.labels, ', ')}</span>
      </div>
      <div role="cell" class="col-host secondary">
        {member.is_local ? 'this machine' : (hosts.nameOf(member.host_id) ?? UNKNOWN_FIGURE)}
      </div>
      <div role="cell" class="col-source">
        <SourceChip origin={row?.origin ?? 'none'} reason={row?.reason ?? null} />
      </div>
      <AgentCell member={member} />
      <Figure
        class="col-cpu"
        quantity={formatPercent(row?.cpuUsagePercent ?? null)}
        attention={cpuAttention(row)}
      />
      <div role="cell" class="col-spark">
        <Sparkline trail={cpu} tick={tick} colour="--s1" top={100} dashed={dashed} {...SPARK} />
      </div>
      <Figure
        class="col-memory"
        quantity={formatPercent(row?.memoryUsagePercent ?? null)}
        attention={memoryAttention(row)}
      />
      <div role="cell" class="col-spark col-spark-memory">
        <Sparkline trail={memory} tick={tick} colour="--s3" top={100} dashed={dashed} {...SPARK} />
      </div>
      <Figure
        class="col-rx"
        quantity={formatBytesPerSecond(row?.networkRxBytesPerSecond ?? null)}
      />
      <Figure
        class="col-tx"
        quantity={formatBytesPerSecond(row?.networkTxBytesPerSecond ?? null)}
      />
      <Figure class="col-disk" quantity={formatBytesPerSecond(disk)} />
      <div role="cell" class="numeric col-uptime">
        {uptime}
      </div>
    </div>
  );
};

const countWords = (vms: readonly FleetVm[]): string => {
  const facets = vms.map(facetOf);
  const some = (['critical', 'warning', 'stale', 'degraded'] as const).flatMap((facet) => {
    const count = facets.filter((one) => one === facet).length;
    const word = facet === 'stale' || facet === 'degraded' ? STATE_WORDS[facet] : facet;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return [`${vms.length} ${vms.length === 1 ? 'VM' : 'VMs'}`, ...some].join(', ');
};

export const GroupRow = ({
  name,
  vms,
  top,
  index,
  collapsed,
  onToggle,
}: {
  readonly name: string;
  readonly vms: readonly FleetVm[];
  readonly top: number;
  readonly index: number;
  readonly collapsed: boolean;
  readonly onToggle: () => void;
}): JSX.Element => {
  const { fleet } = useApp();
  void fleet.tick.value;
  const sums = sumRows(vms.map(({ row }) => row));
  const memory =
    sums.memoryUsedBytes === null || sums.memoryTotalBytes === null
      ? null
      : (sums.memoryUsedBytes / sums.memoryTotalBytes) * 100;
  return (
    <div
      role="row"
      class="fleet-line fleet-group-line"
      aria-rowindex={index + 2}
      style={{ top: `${top}px` }}
    >
      <div role="cell" class="col-state">
        <button
          type="button"
          class="button-bare"
          aria-expanded={!collapsed}
          aria-label={`${collapsed ? 'Show' : 'Hide'} the VMs of ${name}`}
          onClick={onToggle}
        >
          <Icon name={collapsed ? 'chevronRight' : 'chevronDown'} />
        </button>
      </div>
      <div role="cell" class="col-name">
        <b>{name}</b>
        <span class="muted">{countWords(vms)}</span>
      </div>
      <div role="cell" class="col-host" />
      <div role="cell" class="col-source" />
      <div role="cell" class="col-agent" />
      <Figure class="col-cpu secondary" quantity={formatPercent(sums.cpuUsagePercent)} />
      <div role="cell" class="col-spark" />
      <Figure class="col-memory secondary" quantity={formatPercent(memory)} />
    </div>
  );
};
