import { expect, test } from 'vitest';
import { networkOf, remoteAddressOf } from './remote-address.ts';

const publicUrl = new URL('https://inn.example');

test.each([
  ['a peer itself', '10.0.0.9', undefined, undefined, '10.0.0.9'],
  ['an IPv4 peer on a socket for both', '::ffff:10.0.0.9', undefined, undefined, '10.0.0.9'],
  ['a peer that claims', '10.0.0.9', '1.2.3.4', publicUrl, '10.0.0.9'],
  ['a local peer where no proxy is configured', '127.0.0.1', '1.2.3.4', undefined, '127.0.0.1'],
  ['the client of a local proxy', '127.0.0.1', '1.2.3.4', publicUrl, '1.2.3.4'],
  [
    'what the proxy saw, not what was claimed to it',
    '::1',
    '6.6.6.6, 1.2.3.4',
    publicUrl,
    '1.2.3.4',
  ],
  ['a proxy that says nothing', '::1', undefined, publicUrl, '::1'],
  ['a proxy that says nonsense', '::1', '1.2.3.4, <script>', publicUrl, '::1'],
  ['an IPv6 client of a local proxy', '127.0.0.1', 'FD00::1', publicUrl, 'FD00::1'],
])('the remote address is %s', (_, remoteAddress, forwarded, url, expected) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  expect(remoteAddressOf({ headers, socket: { remoteAddress } }, url)).toBe(expected);
});

test.each([
  ['fd00:1:2:3::1', 'fd00:1:2:3:ffff::2', true],
  ['fd00:1:2:3::1', 'fd00:1:2:4::1', false],
  ['FD00:1:2:3::1', 'fd00:1:2:3::1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['unknown', 'unknown', true],
])('%s and %s are in one network: %s', (one, other, isSame) => {
  expect(networkOf(one) === networkOf(other)).toBe(isSame);
});
