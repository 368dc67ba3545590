import { expect, test } from 'vitest';
import { isOtherMachine } from './is-other-machine.ts';

const ids = (firmware: string | null, machine: string | null) => ({
  firmware_id_hash: firmware,
  machine_id_hash: machine,
});

test.each([
  ['the same in all', ids('f', 'm'), ids('f', 'm'), false],
  ['nothing known', ids(null, null), ids(null, null), false],
  ['another firmware with a copied disk', ids('f', 'm'), ids('g', 'm'), true],
  ['the same firmware with a new machine id', ids('f', 'm'), ids('f', 'n'), false],
  ['an agent that is no longer root', ids('f', 'm'), ids(null, 'm'), false],
  ['another machine id where nobody read the firmware', ids(null, 'm'), ids('f', 'n'), true],
  ['a machine id that has come since', ids(null, null), ids(null, 'm'), false],
])('%s', (_, known, told, expected) => {
  expect(isOtherMachine(known, told)).toBe(expected);
});
