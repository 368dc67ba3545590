import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

const fits = (text: string, labels: Record<string, string>): boolean | string => {
  const parsed = parseLabelSelector(text);
  return parsed.ok ? parsed.selector.fits(labels) : parsed.problem;
};

const prodWeb = { env: 'prod', team: 'web', 'app.kubernetes.io/name': 'shop', empty: '' };

describe('a selector', () => {
  it.each([
    ['env=prod', true],
    ['env==prod', true],
    ['env = prod', true],
    ['env=test', false],
    ['env!=test', true],
    ['env!=prod', false],
    ['missing!=x', true],
    ['env', true],
    ['missing', false],
    ['!missing', true],
    ['! env', false],
    ['env in (prod, test)', true],
    ['env in (test)', false],
    ['env in(prod)', true],
    ['env notin (prod)', false],
    ['env notin (test, dev)', true],
    ['missing notin (x)', true],
    ['missing in (x)', false],
    ['env=prod,team=web', true],
    ['env=prod, team=db', false],
    ['env in (prod,test),team in (web),!legacy', true],
    ['app.kubernetes.io/name=shop', true],
    ['empty=', true],
    ['empty in ()', true],
    ['env=', false],
  ])('%j says %s of a VM with env=prod, team=web', (text, expected) => {
    expect(fits(text, prodWeb)).toBe(expected);
  });

  it.each([
    '',
    ',',
    'env=prod,',
    '=prod',
    'env=a b',
    'env in prod',
    'env in (a',
    'env in a)',
    'env in (a b)',
    'env (a)',
    '!env=prod',
    'a=b=c',
    '-env=prod',
    'env=$(reboot)',
    "env='; DROP TABLE vm; --",
  ])('is not %j, and the problem says what is accepted', (text) => {
    expect(fits(text, prodWeb)).toMatch(/is no selector: accepted are key=value/u);
  });

  it('is not longer than a kilobyte', () => {
    expect(fits(`env in (${'a,'.repeat(1000)}a)`, prodWeb)).toMatch(/at most 1024/u);
  });

  it('finds only labels that were set, not what every object has', () => {
    expect(fits('constructor', {})).toBe(false);
    expect(fits('toString', {})).toBe(false);
    expect(fits('constructor=x', { constructor: 'x' })).toBe(true);
  });

  it('never throws and never takes long, whatever the text', () => {
    const pieces = fc.constantFrom('env', '=', '!', '(', ')', ',', ' ', ' in ', 'notin', 'a', '!=');
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 300 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (one) => {
        expect(['boolean', 'string']).toContain(typeof fits(one, prodWeb));
      }),
    );
  });

  it('fits by "and": both parts, or not at all', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const value = fc.constantFrom('x', 'y');
    const term = fc.oneof(
      fc.tuple(key, fc.constantFrom('=', '!='), value).map((parts) => parts.join('')),
      fc
        .tuple(key, fc.constantFrom('in', 'notin'), fc.array(value, { minLength: 1 }))
        .map(([name, operator, values]) => `${name} ${operator} (${values.join(', ')})`),
      key,
      key.map((name) => `!${name}`),
    );
    fc.assert(
      fc.property(term, term, fc.dictionary(key, value), (one, other, labels) => {
        const both = fits(`${one},${other}`, labels);
        expect(both).toBe(fits(one, labels) === true && fits(other, labels) === true);
      }),
    );
  });
});
