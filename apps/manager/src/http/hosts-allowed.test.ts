import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostProblem, originProblem } from './hosts-allowed.ts';

const policy = { publicUrl: new URL('https://inn.example:8443') };
const isHostFine = (host: string | undefined): boolean => hostProblem(host, policy) === undefined;
const isOriginFine = (origin: string | undefined, host: string | undefined): boolean =>
  originProblem(origin, host, policy) === undefined;

describe('a Host', () => {
  test.each([
    '10.0.0.1',
    '10.0.0.1:80',
    '[::1]:8080',
    '[fd00::5]',
    'localhost',
    'LOCALHOST:3000',
    'inn.example',
    'INN.example:1',
  ])('of %s is fine', (host) => {
    expect(isHostFine(host)).toBe(true);
  });

  test.each([
    undefined,
    '',
    'evil.example',
    'inn.example.evil.example',
    'localhost.evil.example',
    'localhost.',
    'user@localhost',
    'localhost/x',
    'localhost:80:80',
    'evil.example#localhost',
    '[::1',
    '::1',
    '[localhost]',
    'localhost evil.example',
    '127.0.0.1.nip.io',
    '%6cocalhost',
  ])('of %s is refused, with the setting that changes it', (host) => {
    const problem = hostProblem(host, policy);
    expect(problem).toMatchObject({ status: 421, code: 'host_not_allowed' });
    expect(problem?.message).toContain('INNKEEPER_PUBLIC_URL');
  });

  test('of any text never throws, and a name is never fine', () => {
    fc.assert(
      fc.property(fc.string(), fc.domain(), (text, name) => {
        isHostFine(text);
        expect(isHostFine(name)).toBe(name === 'inn.example');
      }),
    );
  });
});

describe('an Origin', () => {
  test.each([
    [undefined, 'anything'],
    ['http://10.0.0.1:8080', '10.0.0.1:8080'],
    ['http://10.0.0.1', '10.0.0.1:80'],
    ['https://10.0.0.1', '10.0.0.1'],
    ['http://[::1]:8080', '[::1]:8080'],
    ['https://inn.example:8443', '127.0.0.1:8080'],
  ])('of %s at %s is ours', (origin, host) => {
    expect(isOriginFine(origin, host)).toBe(true);
  });

  test.each([
    ['null', '10.0.0.1:8080'],
    ['', '10.0.0.1:8080'],
    ['http://10.0.0.1:8081', '10.0.0.1:8080'],
    ['http://10.0.0.1', '10.0.0.1:8080'],
    ['http://10.0.0.2:8080', '10.0.0.1:8080'],
    ['http://inn.example:8443', '127.0.0.1:8080'],
    ['https://inn.example', '127.0.0.1:8080'],
    ['https://inn.example:8443.evil.example', '127.0.0.1:8080'],
    ['http://evil.example', 'localhost'],
    ['http://localhost@evil.example', 'localhost'],
    ['file://localhost', 'localhost'],
    ['http://localhost/', 'localhost'],
    ['http://localhost', undefined],
  ])('of %s at %s is refused', (origin, host) => {
    expect(originProblem(origin, host, policy)).toMatchObject({
      status: 403,
      code: 'origin_not_allowed',
    });
  });
});
