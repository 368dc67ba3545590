import { expect, test } from 'vitest';
import { foundName } from './found-name.ts';

const vmm = { name: null, vmm_id: null, kind: 'qemu', pid: 4711 } as const;

test('a VMM is called what its command line says', () => {
  expect(foundName({ ...vmm, name: 'web-01', vmm_id: 'x' })).toBe('web-01');
});

test('without a name its id is taken', () => {
  expect(foundName({ ...vmm, kind: 'firecracker', vmm_id: 'fc-7' })).toBe('fc-7');
});

test('the id that Firecracker gives to all of them is none', () => {
  expect(foundName({ ...vmm, kind: 'firecracker', vmm_id: 'anonymous-instance' })).toBe(
    'firecracker-4711',
  );
});

test('what turns text around or rings the bell is taken out', () => {
  expect(foundName({ ...vmm, name: ' we\u0007b\u202E01\n ' })).toBe('we b 01');
});
