import { expect, test } from 'vitest';
import { orderOf } from './measure-run.ts';

const contenders = [
  { key: 'ours' },
  { key: 'netdata' },
  { key: 'ours-plain' },
  { key: 'node-exporter-equal' },
] as const;

test('each run starts with another agent, and netdata always comes last', () => {
  const orders = [0, 1, 2, 3].map((run) => orderOf(contenders, run).map(({ key }) => key));
  expect(orders).toStrictEqual([
    ['ours', 'ours-plain', 'node-exporter-equal', 'netdata'],
    ['ours-plain', 'node-exporter-equal', 'ours', 'netdata'],
    ['node-exporter-equal', 'ours', 'ours-plain', 'netdata'],
    ['ours', 'ours-plain', 'node-exporter-equal', 'netdata'],
  ]);
  expect(orderOf([{ key: 'netdata' }], 3)).toStrictEqual([{ key: 'netdata' }]);
});
