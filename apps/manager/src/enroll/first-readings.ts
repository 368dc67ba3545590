/**
 * Notes when the agent of a VM or a host was first read after it was enrolled: the last step of
 * enrolment.
 */
import type { Database } from '../database/database.ts';
import type { HostWatch } from '../hosts/host-watch.ts';
import type { Log } from '../log.ts';
import type { Readings } from '../readings/readings.ts';
import type { Enrollments } from './enrollments.ts';
import { getUnreadIdentities } from './sql/get-unread-identities.ts';
import { setFirstReading } from './sql/set-first-reading.ts';
import { idOf, type Subject } from './subject.ts';

export interface FirstReadings {
  start(): Promise<void>;
  stop(): void;
}

export interface FirstReadingsOptions {
  readonly database: Database;
  readonly readings: Pick<Readings, 'onReading'>;
  readonly watch: Pick<HostWatch, 'onAnswer'>;
  readonly enrollments: Pick<Enrollments, 'onChange' | 'changed'>;
  readonly clock: { now(): number };
  readonly log: Log;
}

export const makeFirstReadings = (options: FirstReadingsOptions): FirstReadings => {
  const { database, readings, watch, enrollments, clock, log } = options;
  const unread = new Set<string>();
  const stops: (() => void)[] = [];

  const look = async (): Promise<void> => {
    const ids = await getUnreadIdentities(database);
    for (const id of ids) unread.add(id);
  };

  const wasRead = (subject: Subject): void => {
    unread.delete(idOf(subject));
    setFirstReading(database, idOf(subject), clock.now())
      .then(() => enrollments.changed(subject))
      .catch((error: unknown) => log.warn('first reading not noted', { error }));
  };

  return {
    start: async () => {
      await look();
      stops.push(
        enrollments.onChange(() => {
          // Whether it is enrolled by now, the table says.
          look().catch((error: unknown) => log.warn('enrolment not looked up', { error }));
        }),
        readings.onReading((vm, reading) => {
          if (!unread.has(vm.id) || reading.origin !== 'guest') return;
          if (reading.identity === 'verified') wasRead({ kind: 'vm', vm });
        }),
        watch.onAnswer((host) => {
          if (unread.has(host.id)) wasRead({ kind: 'host', host });
        }),
      );
    },
    stop: () => {
      for (const stop of stops.splice(0)) stop();
    },
  };
};
