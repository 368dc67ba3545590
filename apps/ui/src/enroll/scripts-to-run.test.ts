import { expect, test } from 'vitest';
import { scriptsToRun } from './scripts-to-run.ts';

const script = {
  id: '1',
  name: 'base',
  order: 100,
  when: 'first_boot',
  vm_id: null,
  selector: '',
  enabled: true,
} as const;

test('scripts stand in the order in which they run', () => {
  const later = { ...script, id: '2', name: 'app' };
  const first = { ...script, id: '3', name: 'zero', order: 1, selector: 'env=prod' };
  expect(scriptsToRun([script, later, first], 'b7')).toStrictEqual([
    { id: '3', name: 'zero', when: 'first_boot', forLabels: 'env=prod' },
    { id: '2', name: 'app', when: 'first_boot', forLabels: '' },
    { id: '1', name: 'base', when: 'first_boot', forLabels: '' },
  ]);
});

test('what is switched off or for another VM is not among them', () => {
  const own = { ...script, vm_id: 'b7', selector: null };
  const others = [
    { ...script, enabled: false },
    { ...own, vm_id: 'c8' },
  ];
  expect(scriptsToRun([...others, own], 'b7')).toStrictEqual([
    { id: '1', name: 'base', when: 'first_boot', forLabels: undefined },
  ]);
});
