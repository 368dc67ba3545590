/**
 * The table. Only the lines in sight are in the document, whatever the size of the fleet. The order
 * is made anew every few seconds and never while the pointer is over it: a row must not run away
 * from under a finger.
 */
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { FleetBar } from './fleet-bar.tsx';
import { NoneFits } from './fleet-empty.tsx';
import { FleetHead } from './fleet-head.tsx';
import { makeLines } from './fleet-lines.ts';
import { parseFleetQuery, selectionChange } from './fleet-query.ts';
import { GroupRow, VmRow } from './fleet-rows.tsx';
import { useToggle } from './use-toggle.ts';
import { useWindow } from './use-window.ts';
import './fleet-table.css';

/** Frames come each second or a little later: that makes it five. */
const REORDER_MS = 4_500;

export const FleetTable = (): JSX.Element => {
  const { fleet, hosts, navigation } = useApp();
  const query = parseFleetQuery(navigation.place.value.query);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<number | undefined>(undefined);
  const [order, setOrder] = useState(0);
  const hovering = useRef(false);
  const table = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let orderedAt = performance.now();
    // With a frame that came, so that the new order is painted together with the new figures.
    return effect(() => {
      void fleet.tick.value;
      const now = performance.now();
      if (hovering.current || now - orderedAt < REORDER_MS) return;
      orderedAt = now;
      setOrder((before) => before + 1);
    });
  }, [fleet]);
  const search = navigation.place.value.query.toString();
  const membership = fleet.membership.value;
  const hostList = hosts.hosts.value;
  // The first frame after the members brings the first values to sort by.
  const hasRows = fleet.receivedAt.value !== undefined;
  const lines = useMemo(
    () => makeLines(fleet.all(), query, hosts.nameOf, collapsed),
    [search, membership, hostList, collapsed, order, hasRows],
  );
  const { first, last, pool, lineHeight, reveal } = useWindow(body, lines.length);

  const move = (step: number): void => {
    const places = lines.flatMap((line, index) => (line.kind === 'vm' ? [{ line, index }] : []));
    const at = places.findIndex(({ line }) => line.vm.member.key === current);
    const next = places[Math.min(places.length - 1, Math.max(0, at + step))];
    if (next === undefined) return;
    setCurrent(next.line.vm.member.key);
    // Away from a link or button that Enter would be for.
    table.current?.focus({ preventScroll: true });
    reveal(next.index);
  };
  const toggle = useToggle(query, lines);
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      if (current !== undefined) toggle(current, false);
    },
    X: () => {
      if (current !== undefined) toggle(current, true);
    },
    Enter: () => {
      const vm = fleet.all().find(({ member }) => member.key === current);
      if (vm !== undefined) navigation.go(`/vms/${vm.member.id}`);
    },
    Escape: () => navigation.setQuery(selectionChange(new Set()), { replace: true }),
  });

  const shown = lines.slice(first, last);
  return (
    <>
      <FleetBar query={query} fitting={lines} />
      <div
        ref={table}
        tabIndex={-1}
        class="fleet-table panel"
        role="table"
        aria-label="VMs"
        aria-rowcount={lines.length + 1}
        onMouseEnter={() => {
          hovering.current = true;
        }}
        onMouseLeave={() => {
          hovering.current = false;
        }}
      >
        <FleetHead query={query} />
        <div
          ref={body}
          role="rowgroup"
          class="fleet-body"
          style={{ height: `${lines.length * lineHeight}px` }}
        >
          {shown.map((line, index) => {
            const place = first + index;
            const top = place * lineHeight;
            return line.kind === 'group' ? (
              <GroupRow
                key={`g${place % pool}`}
                top={top}
                index={place}
                name={line.name}
                vms={line.vms}
                collapsed={collapsed.has(line.name)}
                onToggle={() => {
                  const changed = new Set(collapsed);
                  if (!changed.delete(line.name)) changed.add(line.name);
                  setCollapsed(changed);
                }}
              />
            ) : (
              <VmRow
                key={`v${place % pool}`}
                top={top}
                index={place}
                vm={line.vm}
                current={line.vm.member.key === current}
                selected={query.selected.has(line.vm.member.key)}
                onSelect={(isRange) => toggle(line.vm.member.key, isRange)}
              />
            );
          })}
        </div>
      </div>
      {lines.length === 0 ? <NoneFits /> : null}
    </>
  );
};
