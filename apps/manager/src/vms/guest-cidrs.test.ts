import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNetwork } from './guest-address.ts';
import { defaultGuestNetworks, parseGuestCidrs } from './guest-cidrs.ts';

const parsed = (text: string): unknown => {
  const result = parseGuestCidrs(text);
  return result.ok ? result.networks.map(formatNetwork) : result.problem;
};

describe('INNKEEPER_GUEST_CIDRS', () => {
  it.each([
    ['10.0.0.0/8', ['10.0.0.0/8']],
    ['10.1.2.3/8', ['10.0.0.0/8']],
    [' 10.0.0.0/8 , fd00::/8 ', ['10.0.0.0/8', 'fd00::/8']],
    ['10.0.0.5', ['10.0.0.5/32']],
    ['FD00::5', ['fd00::5/128']],
    ['0.0.0.0/0,::/0', ['0.0.0.0/0', '::/0']],
  ])('%j means %j', (text, networks) => {
    expect(parsed(text)).toEqual(networks);
  });

  it.each([
    '',
    ',',
    '10.0.0.0/8,',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10/8',
    '010.0.0.0/8',
    'fe80::1%eth0/64',
    '::ffff:10.0.0.0/104',
    'private',
  ])('refuses %j and says what is accepted', (text) => {
    expect(parsed(text)).toMatch(/ is no network: accepted are /u);
  });

  it('refuses more networks than anybody has', () => {
    expect(parsed(Array.from({ length: 65 }, () => '10.0.0.0/8').join(','))).toMatch(/at most 64/u);
  });

  it('says at the start what stays closed in a network that is too wide', () => {
    const wide = parseGuestCidrs('10.0.0.0/8,0.0.0.0/0');
    expect(wide.ok && wide.warnings).toEqual([expect.stringContaining('169.254.0.0/16')]);
    const closed = parseGuestCidrs('169.254.169.0/24');
    expect(closed.ok && closed.warnings).toEqual([expect.stringContaining('has no effect')]);
    const plain = parseGuestCidrs('10.0.0.0/8,192.168.0.0/16');
    expect(plain.ok && plain.warnings).toEqual([]);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseGuestCidrs(text).ok).toBe('boolean');
        expect(typeof parseGuestCidrs(`10.0.0.0/${text}`).ok).toBe('boolean');
      }),
    );
  });
});

describe('without a setting', () => {
  it('guests are in private networks, and on loopback while the manager is only there', () => {
    const privateOnes = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
    expect(defaultGuestNetworks('0.0.0.0').map(formatNetwork)).toEqual(privateOnes);
    expect(defaultGuestNetworks('127.0.0.1').map(formatNetwork)).toEqual([
      ...privateOnes,
      '127.0.0.0/8',
      '::1/128',
    ]);
  });
});
