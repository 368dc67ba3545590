/** One cell for each VM, in blocks by host: where it is busy, at a glance. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { formatPercent, quantityText } from '../../format/quantity.ts';
import type { FleetVm } from '../../state/fleet-entries.ts';
import { cellAt, layOutHeat, type HeatLayout } from './heat-layout.ts';
import { makeLines, facetOf } from './fleet-lines.ts';
import { parseFleetQuery } from './fleet-query.ts';

const RAMP = ['--h0', '--h1', '--h2', '--h3', '--h4', '--h5'] as const;

/** Of a host's name below its block; the rest would not fit anyway. */
const MAX_NAME = 60;

/** No value has no colour of the ramp: idle and unknown must not look alike. */
const paintCell = (
  context: CanvasRenderingContext2D,
  style: CSSStyleDeclaration,
  { vm, x, y, size }: { vm: FleetVm; x: number; y: number; size: number },
): void => {
  const percent = vm.row?.cpuUsagePercent ?? null;
  if (percent === null) {
    context.strokeStyle = style.getPropertyValue('--off');
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
  } else {
    const step = Math.min(RAMP.length - 1, Math.floor((percent / 100) * RAMP.length));
    context.fillStyle = style.getPropertyValue(RAMP[step] ?? '--h0');
    context.fillRect(x, y, size, size);
  }
  const facet = facetOf(vm);
  if (facet === 'critical' || facet === 'warning' || facet === 'stale' || facet === 'degraded') {
    context.strokeStyle = style.getPropertyValue(facet === 'critical' ? '--crit' : '--warn');
    context.lineWidth = 1.5;
    context.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
  }
};

/** As much of it as there is room for. */
const shorten = (context: CanvasRenderingContext2D, name: string, width: number): string => {
  if (context.measureText(name).width <= width) return name;
  let kept = Array.from(name).slice(0, MAX_NAME);
  while (kept.length > 1 && context.measureText(`${kept.join('')}…`).width > width) {
    kept = kept.slice(0, -1);
  }
  return `${kept.join('')}…`;
};

const paint = (canvas: HTMLCanvasElement, layout: HeatLayout): void => {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(layout.width * ratio);
  canvas.height = Math.round(layout.height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(canvas);
  for (const cell of layout.cells) paintCell(context, style, cell);
  context.fillStyle = style.getPropertyValue('--tx-3');
  context.font = `10px ${style.fontFamily}`;
  for (const { name, x, y, width } of layout.blocks) {
    context.fillText(shorten(context, name, width), x, y);
  }
};

export const FleetHeat = (): JSX.Element => {
  const { fleet, hosts, navigation } = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [hovered, setHovered] = useState<FleetVm | undefined>(undefined);
  useEffect(() => {
    if (box.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry?.contentRect.width ?? 0)),
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const membership = fleet.membership.value;
  const hostList = hosts.hosts.value;
  const layout = useMemo(() => {
    const byHost = parseFleetQuery(new URLSearchParams('group=host&sort=name'));
    return layOutHeat(makeLines(fleet.all(), byHost, hosts.nameOf, new Set()), width);
  }, [membership, hostList, width, fleet, hosts]);
  const tick = fleet.tick.value;
  useEffect(() => {
    if (canvas.current !== null && width > 0) paint(canvas.current, layout);
  }, [tick, layout, width]);
  const find = (event: MouseEvent): FleetVm | undefined =>
    cellAt(layout, event.offsetX, event.offsetY);
  return (
    <section class="heat panel" aria-label="CPU by host">
      <div class="heat-head">
        <h2>CPU by host</h2>
        <span aria-live="off">
          {hovered === undefined
            ? 'each cell is one VM'
            : `${hovered.member.name}: ${quantityText(formatPercent(hovered.row?.cpuUsagePercent ?? null))}`}
        </span>
        <span class="heat-ramp" aria-hidden="true">
          0%
          {RAMP.map((token) => (
            <i key={token} style={{ background: `var(${token})` }} />
          ))}
          100%
        </span>
      </div>
      <div ref={box}>
        <canvas
          ref={canvas}
          role="img"
          aria-label="CPU of each VM as a colour; the table below has the numbers"
          style={{ width: `${layout.width}px`, height: `${layout.height}px` }}
          onMouseMove={(event) => setHovered(find(event))}
          onMouseLeave={() => setHovered(undefined)}
          onClick={(event) => {
            const vm = find(event);
            if (vm !== undefined) navigation.go(`/vms/${vm.member.id}`);
          }}
        />
      </div>
    </section>
  );
};
