/** What the guest's interfaces received and sent: each, and those together that carry it outside. */
import type { MissingReason, Reading, Sample } from '@innkeeper/protocol';
import { countsAsNetwork } from './counted-devices.ts';
import { counterRate } from './counter-rate.ts';
import { makeDeviceSum } from './device-sum.ts';
import type { ElapsedProblem } from './elapsed.ts';
import { byDevice, makePairing } from './pairing.ts';

export type GuestNetwork = Pick<
  Reading,
  | 'network_rx_bytes_per_second'
  | 'network_tx_bytes_per_second'
  | 'network_problems_per_second'
  | 'networks'
> & { readonly reason: MissingReason | null };

type Network = NonNullable<Sample['networks']>[number];
type NetworkRate = NonNullable<Reading['networks']>[number];

const problemsOf = (network: Network): number =>
  network.receive_errs_total +
  network.receive_drop_total +
  network.transmit_errs_total +
  network.transmit_drop_total;

const known = (rate: number | string): number | null => (typeof rate === 'number' ? rate : null);

const unknownRate = ({ device, operstate }: Network): NetworkRate => ({
  device,
  operstate,
  rx_bytes_per_second: null,
  tx_bytes_per_second: null,
  problems_per_second: null,
});

const missing = (networks: Sample['networks'], reason: MissingReason): GuestNetwork => ({
  reason,
  network_rx_bytes_per_second: null,
  network_tx_bytes_per_second: null,
  network_problems_per_second: null,
  networks: networks?.map(unknownRate) ?? null,
});

export const guestNetwork = (
  before: Sample['networks'],
  now: Sample['networks'],
  elapsed: number | ElapsedProblem | 'first_sample',
): GuestNetwork => {
  if (now === null) return missing(null, 'not_reported');
  if (typeof elapsed === 'string') return missing(now, elapsed);
  if (before === null) return missing(now, 'first_sample');
  const pair = makePairing(before, byDevice);
  const sum = makeDeviceSum();
  let problems: number | null = 0;
  const networks = now.map((network, index): NetworkRate => {
    const counts = countsAsNetwork(network.device);
    if (counts) sum.seen();
    const earlier = pair(network.device, index);
    if (earlier === undefined) return unknownRate(network);
    const rx = counterRate(earlier.receive_bytes_total, network.receive_bytes_total, elapsed);
    const tx = counterRate(earlier.transmit_bytes_total, network.transmit_bytes_total, elapsed);
    const bad = counterRate(problemsOf(earlier), problemsOf(network), elapsed);
    if (counts && sum.add(rx, tx)) {
      problems = problems === null || typeof bad === 'string' ? null : problems + bad;
    }
    return {
      device: network.device,
      operstate: network.operstate,
      rx_bytes_per_second: known(rx),
      tx_bytes_per_second: known(tx),
      problems_per_second: known(bad),
    };
  });
  const reason = sum.reason();
  return {
    reason,
    network_rx_bytes_per_second: sum.one(),
    network_tx_bytes_per_second: sum.other(),
    network_problems_per_second: reason === null ? problems : null,
    networks,
  };
};
