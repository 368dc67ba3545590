import { describe, expect, it } from 'vitest';
import type { InterfaceAddress } from '../platform/platform.ts';
import { ownAddresses } from './own-addresses.ts';

const on = (device: string, address: string): InterfaceAddress => ({
  device,
  address,
  family: address.includes(':') ? 'ipv6' : 'ipv4',
  prefixLength: 24,
});
const tcp = (host: string) => ({ kind: 'tcp', host, port: 8080 }) as const;

const FOUND = [
  on('lo', '127.0.0.1'),
  on('lo', '::1'),
  on('docker0', '172.17.0.1'),
  on('eth0', '10.0.0.5'),
  on('eth0', 'fe80::5'),
  on('eth0', 'fd00::5'),
  on('eth1', '169.254.3.4'),
  on('eth2', '192.168.1.5'),
  on('eth2', '192.168.1.5'),
];

describe('ownAddresses', () => {
  it.each([
    ['all of IPv4', tcp('0.0.0.0'), ['10.0.0.5', '192.168.1.5', '172.17.0.1']],
    ['all', tcp('::'), ['10.0.0.5', 'fd00::5', '192.168.1.5', '172.17.0.1']],
    ['one address', tcp('10.9.9.9'), ['10.9.9.9']],
    ['one of IPv6', tcp('fd00::9'), ['fd00::9']],
    ['localhost', tcp('localhost'), ['127.0.0.1']],
    ['nothing', { kind: 'none' } as const, ['10.0.0.5', 'fd00::5', '192.168.1.5', '172.17.0.1']],
  ])('of an agent that listens on %s', (_, listen, expected) => {
    expect(ownAddresses(listen, FOUND, false)).toEqual(expected);
  });

  it('has loopback where the manager is on this machine', () => {
    expect(ownAddresses(tcp('0.0.0.0'), FOUND, true)).toContain('127.0.0.1');
  });

  it('has an end', () => {
    const many = Array.from({ length: 100 }, (_, index) => on('eth0', `10.0.1.${index}`));
    expect(ownAddresses(tcp('0.0.0.0'), many, false)).toHaveLength(64);
  });
});
