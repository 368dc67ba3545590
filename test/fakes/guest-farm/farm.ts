/** Thousands of guest agents in one process (farm.c), each on an address of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiledProgram } from '../../support/compiled-program.ts';
import { makeLineReader } from '../../support/line-reader.ts';
import type { Obtained } from '../../support/obtained.ts';

export interface FarmOptions {
  readonly path: string;
  readonly guests: number;
  /** The first of the guests: they take a request and never answer. */
  readonly silent?: number;
  /** The next: an answer of a byte each 100 ms. */
  readonly drip?: number;
  /** The next: not HTTP, or no sample. */
  readonly garbage?: number;
  /** Agents from before the compact sample. */
  readonly isOld?: boolean;
  /** Any free one where it is left out. */
  readonly port?: number;
}

export interface Farm {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const A_NETWORK = 250;
const MAX_FARM_GUESTS = 250 * 256;

/** Of the guest with this number, from 0. */
export const farmAddress = (guest: number): string =>
  `127.77.${Math.floor(guest / A_NETWORK)}.${1 + (guest % A_NETWORK)}`;

export const obtainFarm = async (): Promise<Obtained> =>
  compiledProgram('guest-farm', import.meta.dirname);

export const startFarm = async (options: FarmOptions): Promise<Farm> => {
  const { path, guests, silent = 0, drip = 0, garbage = 0, isOld = false, port = 0 } = options;
  if (guests > MAX_FARM_GUESTS) throw new Error(`a farm has at most ${MAX_FARM_GUESTS} guests`);
  const args = [guests, silent, drip, garbage, isOld ? 1 : 0, port].map(String);
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const line = await makeLineReader(child.stdout)();
  if (line === undefined || child.pid === undefined) throw new Error('the farm does not start');
  return {
    pid: child.pid,
    port: Number(line),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};
