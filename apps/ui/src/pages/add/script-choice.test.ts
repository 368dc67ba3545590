import { expect, test } from 'vitest';
import { choose, isChosen, labelsOfSelector, scriptChoices, unchoose } from './script-choice.ts';

test.each([
  ['env=prod', { env: 'prod' }],
  ['env=prod, team==web', { env: 'prod', team: 'web' }],
  ['env=', { env: '' }],
  ['env', undefined],
  ['!env', undefined],
  ['env!=prod', undefined],
  ['tier in (web, db)', undefined],
  ['env=a,env=b', undefined],
  ['env=prod,', undefined],
])('the selector “%s” asks for %o', (selector, labels) => {
  expect(labelsOfSelector(selector)).toStrictEqual(labels);
});

test('scripts are in their order; those of one VM or that are switched off are none to choose', () => {
  const script = {
    order: 50,
    when: 'first_boot',
    vm_id: null,
    selector: '',
    enabled: true,
  } as const;
  const choices = scriptChoices([
    { ...script, id: 'b', name: 'late', order: 90 },
    { ...script, id: 'a', name: 'web', selector: 'role=web' },
    { ...script, id: 'c', name: 'rule', selector: '!legacy' },
    { ...script, id: 'd', name: 'off', enabled: false },
    { ...script, id: 'e', name: 'of one', vm_id: 'x', selector: null },
  ]);
  expect(choices.map(({ name, by }) => [name, by.kind])).toStrictEqual([
    ['rule', 'rule'],
    ['web', 'labels'],
    ['late', 'any'],
  ]);
});

test('a script is chosen by its labels, and let go without those that another needs', () => {
  const web = { role: 'web', env: 'prod' };
  const prod = { env: 'prod' };
  const chosen = choose(web, { team: 'x' });
  expect(chosen).toStrictEqual({ team: 'x', role: 'web', env: 'prod' });
  expect(isChosen(prod, chosen)).toBe(true);
  expect(unchoose(web, chosen, [prod])).toStrictEqual({ team: 'x', env: 'prod' });
  expect(unchoose(web, chosen, [{ role: 'db' }])).toStrictEqual({ team: 'x' });
});
