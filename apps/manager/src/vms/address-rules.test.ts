import { describe, expect, it } from 'vitest';
import { makeAddressRules } from './address-rules.ts';
import { defaultGuestNetworks, parseGuestCidrs } from './guest-cidrs.ts';

const rulesOf = (host: string, cidrs?: string) => {
  const parsed = cidrs === undefined ? undefined : parseGuestCidrs(cidrs);
  if (parsed?.ok === false) throw new Error(parsed.problem);
  return makeAddressRules({
    networks: parsed?.networks ?? defaultGuestNetworks(host),
    listen: () => ({ host, port: 8080 }),
    ownAddresses: () => ['127.0.0.1', '::1', '10.0.0.1', 'fd00::1'],
  });
};

const problem = (rules: ReturnType<typeof rulesOf>, text: string, port = 8080): string => {
  const checked = rules.check('guest_ip', text, port);
  return checked.ok ? `allowed as ${checked.address}` : checked.problem.message;
};

describe('a guest address', () => {
  it('is allowed in the private networks, in its canonical form', () => {
    expect(problem(rulesOf('0.0.0.0'), 'FD00::0005')).toBe('allowed as fd00::5');
    expect(problem(rulesOf('0.0.0.0'), '::ffff:192.168.1.100')).toBe('allowed as 192.168.1.100');
  });

  it('is refused outside, with the networks and the setting in the message', () => {
    const checked = rulesOf('0.0.0.0').check('guest_ip', '8.8.8.8', 8080);
    expect(checked.ok ? undefined : checked.problem).toMatchObject({
      status: 422,
      code: 'guest_ip_not_allowed',
      message:
        'guest_ip: 8.8.8.8 is not allowed; allowed are 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7 (INNKEEPER_GUEST_CIDRS)',
    });
  });

  it('may be on loopback only while the manager listens on loopback', () => {
    expect(problem(rulesOf('127.0.0.1'), '127.0.0.1', 9000)).toBe('allowed as 127.0.0.1');
    expect(problem(rulesOf('10.0.0.1'), '127.0.0.1', 9000)).toMatch(/is not allowed/u);
  });

  it('is never link-local, whatever the setting', () => {
    const wide = rulesOf('0.0.0.0', '0.0.0.0/0,::/0');
    expect(problem(wide, '169.254.169.254')).toMatch(/is never allowed/u);
    expect(problem(wide, '::ffff:169.254.169.254')).toMatch(/is never allowed/u);
    expect(problem(wide, '8.8.8.8')).toBe('allowed as 8.8.8.8');
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['localhost', '::1'],
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['0.0.0.0', '10.0.0.1'],
    ['::', '10.0.0.1'],
    ['::', 'fd00::1'],
  ])('of a manager that listens on %s is not %s with its port', (host, address) => {
    const rules = rulesOf(host, '10.0.0.0/8,127.0.0.0/8,::1,fd00::/8');
    expect(problem(rules, address)).toMatch(/is this manager itself/u);
    expect(problem(rules, address, 8081)).toMatch(/^allowed/u);
  });
});
