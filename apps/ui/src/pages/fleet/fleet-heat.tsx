/** One cell for each VM, in blocks by host: where it is busy, at a glance. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { formatPercent, quantityText } from '../../format/quantity.ts';
import type { FleetVm } from '../../state/fleet-entries.ts';
import { cellAt, layOutHeat } from './heat-layout.ts';
import { makeHeatPainter, RAMP } from './heat-paint.ts';
import { fits, isFiltered, makeLines } from './fleet-lines.ts';
import { parseFleetQuery } from './fleet-query.ts';
import './fleet-heat.css';

export const FleetHeat = (): JSX.Element => {
  const { fleet, hosts, navigation, palette } = useApp();
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
  void fleet.tick.value;
  const colours = palette.value;
  const paint = useMemo(makeHeatPainter, []);
  const query = parseFleetQuery(navigation.place.value.query);
  const filtered = isFiltered(query);
  useLayoutEffect(() => {
    if (canvas.current === null || width === 0) return;
    const isFaint = (vm: FleetVm): boolean => filtered && !fits(vm, query, hosts.nameOf);
    paint(canvas.current, layout, colours, window.devicePixelRatio, isFaint);
  });
  const find = (event: MouseEvent): FleetVm | undefined =>
    cellAt(layout, event.offsetX, event.offsetY);
  return (
    <section class="heat panel" aria-label="CPU by host">
      <div class="heat-head">
        <h2>CPU by host</h2>
        <span aria-live="off">
          {hovered === undefined
            ? filtered
              ? 'faint: VMs that do not fit'
              : 'each cell is one VM'
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
