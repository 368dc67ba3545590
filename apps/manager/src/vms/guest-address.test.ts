import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, neverReason, parseAddress } from './guest-address.ts';

describe('an address', () => {
  it.each([
    ['10.0.0.5', '10.0.0.5'],
    ['FD00::5', 'fd00::5'],
    ['fd00:0:0:0:0:0:0:5', 'fd00::5'],
    ['fd00:0:0:1::', 'fd00:0:0:1::'],
    ['::1', '::1'],
    ['::ffff:10.0.0.5', '10.0.0.5'],
    ['::FFFF:0a00:0005', '10.0.0.5'],
    ['0:0:0:0:0:ffff:169.254.169.254', '169.254.169.254'],
    ['fd00::10.0.0.5', 'fd00::a00:5'],
  ])('%s is registered as %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    '',
    'localhost',
    'example.org',
    '10.0.0',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '010.0.0.5',
    '10.0.0.05',
    '10.0.0.256',
    '10.0.0.5 ',
    ' 10.0.0.5',
    '10.0.0.5\n',
    '10.0.0.5:8080',
    '10.0.0.5/8',
    '[fd00::5]',
    'fe80::1%eth0',
    'fd00::5%1',
    'fd00:::5',
    '1:2:3:4:5:6:7:8:9',
    '10.0.0.5#@evil',
    '１０.0.0.5',
  ])('is not %j', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const once = canonicalAddress(text);
        fc.pre(once !== undefined);
        expect(canonicalAddress(once)).toBe(once);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        canonicalAddress(text);
        canonicalAddress(`10.${text}`);
        canonicalAddress(`fd00::${text}`);
        expect(canonicalAddress(`${text}%eth0`)).toBeUndefined();
      }),
    );
  });
});

describe('no setting allows', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '::ffff:0:169.254.169.254',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'febf::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '224.0.0.1',
    '239.255.255.255',
    'ff02::1',
    '255.255.255.255',
    '240.0.0.1',
  ])('%s', (text) => {
    const address = parseAddress(text);
    expect(address && neverReason(address)).toEqual(expect.any(String));
  });

  it.each(['10.0.0.5', '127.0.0.1', '::1', 'fd00::5', '100.64.0.1', '8.8.8.8', '2001:db8::1'])(
    'but it may allow %s',
    (text) => {
      const address = parseAddress(text);
      expect(address === undefined ? 'no address' : neverReason(address)).toBeUndefined();
    },
  );

  it('any spelling of a link-local IPv4 address', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, (third, fourth) => {
        const dotted = `169.254.${third}.${fourth}`;
        const hex = `a9fe:${((third << 8) | fourth).toString(16)}`;
        const spellings = [
          dotted,
          `::ffff:${dotted}`,
          `::ffff:${hex}`,
          `::${hex}`,
          `64:ff9b::${hex}`,
        ];
        for (const spelling of spellings) {
          const address = parseAddress(spelling);
          expect(address && neverReason(address)).toEqual(expect.any(String));
        }
      }),
    );
  });
});
