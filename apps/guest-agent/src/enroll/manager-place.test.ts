import { describe, expect, it } from 'vitest';
import { parseManagerPlace } from './manager-place.ts';

describe('parseManagerPlace', () => {
  it.each([
    [
      'http://10.0.0.1:8080',
      { host: '10.0.0.1', port: 8080, authority: '10.0.0.1:8080', prefix: '' },
    ],
    ['http://manager', { host: 'manager', port: 80, authority: 'manager', prefix: '' }],
    [
      'HTTP://m.example/a/b/',
      { host: 'm.example', port: 80, authority: 'm.example', prefix: '/a/b' },
    ],
    ['http://[fd00::1]:81/', { host: 'fd00::1', port: 81, authority: '[fd00::1]:81', prefix: '' }],
  ])('reads %s', (url, expected) => {
    expect(parseManagerPlace(url)).toEqual(expected);
  });

  it.each([
    'https://manager',
    'http://',
    'http://m:0',
    'http://m:65536',
    'http://user@m',
    'http://m/a b',
    'http://m/a\r\nX-Header: 1',
    'http://m\r\n',
    'ftp://m',
    'm',
  ])('does not take %j', (url) => {
    expect(parseManagerPlace(url)).toBeUndefined();
  });
});
