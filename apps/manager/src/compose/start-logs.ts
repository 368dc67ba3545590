/** The hub of live logs and the reader of kept ones, over the same gate and keys as the pulls. */
import type { Clock } from '../clock.ts';
import type { MintToken } from '../keys/token-minter.ts';
import { makeLogHub, type OwnedLogHub } from '../logs/hub/make-log-hub.ts';
import { makeLogReader, type LogReader } from '../logs/read/log-reader.ts';
import type { ConnectGate } from '../pull/connect-gate.ts';
import type { Readings } from '../readings/readings.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Releasers } from './releasers.ts';

export interface LogsOptions {
  readonly vms: Vms;
  readonly readings: Pick<Readings, 'onReading'>;
  readonly mintToken: MintToken;
  readonly gate: ConnectGate;
  readonly random: () => number;
  readonly clock: Clock;
  readonly cpuMs: () => number;
  readonly releasers: Releasers;
}

export interface Logs {
  readonly hub: OwnedLogHub;
  readonly reader: LogReader;
}

export const startLogs = (options: LogsOptions): Logs => {
  const { vms, readings, mintToken, gate, random, clock, cpuMs, releasers } = options;
  const hub = makeLogHub({
    vms,
    onPulled: (listener) =>
      readings.onReading(({ id }, { reason }) => listener(id, reason === null)),
    mintToken,
    gate,
    random,
    clock,
    cpuMs,
  });
  releasers.add('log hub', async () => hub.stop());
  return { hub, reader: makeLogReader({ mintToken, gate, clock, cpuMs }) };
};
