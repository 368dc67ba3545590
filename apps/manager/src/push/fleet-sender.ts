/**
 * Sends the members and frames of one label scope, each encoded once for all who watch it: the rooms
 * are socket.io's, whose adapter frames a single string once.
 */
import { encodeFleetFrame, type FleetMembers, type FleetRow } from '@innkeeper/protocol';
import type { Readings } from '../readings/readings.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { Connection, PushServer } from './connection.ts';
import type { FleetGroup } from './fleet-group.ts';
import { fleetRow } from './fleet-row.ts';

export interface FleetCounters {
  framesBuilt: number;
  framesSent: number;
  /** Not sent: the client had not taken what was sent before. */
  framesDropped: number;
  bytesSent: number;
  membersSent: number;
}

/** The VMs of one scope and who watches them. */
export interface WatchedScope {
  readonly room: string;
  /** Of those who have subscribed and were not sent everything yet. */
  readonly newRoom: string;
  readonly group: FleetGroup;
  readonly connections: Set<Connection>;
  readonly newcomers: Set<Connection>;
  frame: { readonly text: string; readonly monotonicMs: number } | undefined;
}

export interface FleetSender {
  /** Scopes that overlap share the rows of one moment. */
  sendFrames(scopes: Iterable<WatchedScope>): void;
  sendChanges(scopes: Iterable<WatchedScope>): void;
  /** Everything, reliably; from then on they are ordinary watchers. */
  greetNewcomers(scopes: Iterable<WatchedScope>): void;
}

export const makeFleetSender = ({
  io,
  readings,
  clock,
  freshMs,
  counters,
}: {
  readonly io: PushServer;
  readonly readings: Pick<Readings, 'latest'>;
  readonly clock: { now(): number; monotonicMs(): number };
  /** How long newcomers may share one frame. */
  readonly freshMs: number;
  readonly counters: FleetCounters;
}): FleetSender => {
  const buildFrame = (scope: WatchedScope, rows: Map<number, FleetRow>): string => {
    const rowOf = (vm: VmRecord): FleetRow => {
      const known = rows.get(vm.key);
      if (known !== undefined) return known;
      const row = fleetRow(vm, readings.latest(vm));
      rows.set(vm.key, row);
      return row;
    };
    const own = Array.from(scope.group.vms(), rowOf);
    const bytes = encodeFleetFrame({ at: clock.now(), rows: own });
    const text = Buffer.from(bytes.buffer).toString('base64');
    scope.frame = { text, monotonicMs: clock.monotonicMs() };
    counters.framesBuilt += 1;
    return text;
  };

  const sendMembers = (room: string, parts: readonly FleetMembers[], count: number): void => {
    for (const part of parts) io.to(room).emit('fleet:members', part);
    counters.membersSent += parts.length * count;
  };

  const countFrames = (count: number, text: string): void => {
    counters.framesSent += count;
    counters.bytesSent += count * text.length;
  };

  return {
    sendFrames(scopes) {
      const rows = new Map<number, FleetRow>();
      for (const scope of scopes) {
        if (scope.connections.size === 0) continue;
        const text = buildFrame(scope, rows);
        let ready = 0;
        for (const { socket } of scope.connections) {
          if (socket.conn.transport.writable) ready += 1;
        }
        countFrames(ready, text);
        counters.framesDropped += scope.connections.size - ready;
        io.to(scope.room).volatile.emit('fleet', text);
      }
    },
    sendChanges(scopes) {
      for (const { room, group, connections } of scopes) {
        // Taken also where only newcomers are: they are about to be sent everything.
        sendMembers(room, group.takeChanges(), connections.size);
      }
    },
    greetNewcomers(scopes) {
      const rows = new Map<number, FleetRow>();
      for (const scope of scopes) {
        const { newcomers, newRoom, frame } = scope;
        if (newcomers.size === 0) continue;
        const isFresh = frame !== undefined && clock.monotonicMs() - frame.monotonicMs < freshMs;
        const text = isFresh ? frame.text : buildFrame(scope, rows);
        sendMembers(newRoom, scope.group.everything(), newcomers.size);
        // Not volatile: right after the members it would be lost.
        io.to(newRoom).emit('fleet', text);
        countFrames(newcomers.size, text);
        for (const newcomer of newcomers) {
          void newcomer.socket.leave(newRoom);
          void newcomer.socket.join(scope.room);
          scope.connections.add(newcomer);
        }
        newcomers.clear();
      }
    },
  };
};
