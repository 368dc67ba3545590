/** Notes when the agent of a VM was first read after it was enrolled: the last step of enrolment. */
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Readings } from '../readings/readings.ts';
import type { Enrollments } from './enrollments.ts';
import { getUnreadIdentities } from './sql/get-unread-identities.ts';
import { setFirstReading } from './sql/set-first-reading.ts';

export interface FirstReadings {
  start(): Promise<void>;
  stop(): void;
}

export interface FirstReadingsOptions {
  readonly database: Database;
  readonly readings: Pick<Readings, 'onReading'>;
  readonly enrollments: Pick<Enrollments, 'onChange' | 'changed'>;
  readonly clock: { now(): number };
  readonly log: Log;
}

export const makeFirstReadings = (options: FirstReadingsOptions): FirstReadings => {
  const { database, readings, enrollments, clock, log } = options;
  const unread = new Set<string>();
  const stops: (() => void)[] = [];

  const look = async (): Promise<void> => {
    const ids = await getUnreadIdentities(database);
    for (const id of ids) unread.add(id);
  };

  return {
    start: async () => {
      await look();
      stops.push(
        enrollments.onChange((subject) => {
          if (subject.kind !== 'vm') return;
          // Whether it is enrolled by now, the table says.
          look().catch((error: unknown) => log.warn('enrolment not looked up', { error }));
        }),
        readings.onReading((vm, reading) => {
          if (!unread.has(vm.id) || reading.origin !== 'guest') return;
          if (reading.identity !== 'verified') return;
          unread.delete(vm.id);
          setFirstReading(database, vm.id, clock.now())
            .then(() => enrollments.changed({ kind: 'vm', vm }))
            .catch((error: unknown) => log.warn('first reading not noted', { error }));
        }),
      );
    },
    stop: () => {
      for (const stop of stops.splice(0)) stop();
    },
  };
};
