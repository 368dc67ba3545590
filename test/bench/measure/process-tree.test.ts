import { describe, expect, test } from 'vitest';
import { descendantsOf, parseParentage, readTree } from './process-tree.ts';

describe('a process tree', () => {
  test('is read past a name with parentheses and spaces', () => {
    expect(parseParentage('42 (a) S (b) R 7 42 42 0 -1 4194560')).toStrictEqual({
      pid: 42,
      parent: 7,
    });
  });

  test('has children of children, and no strangers', () => {
    const all = [
      { pid: 1, parent: 0 },
      { pid: 10, parent: 1 },
      { pid: 11, parent: 10 },
      { pid: 12, parent: 11 },
      { pid: 20, parent: 1 },
    ];
    expect(descendantsOf(10, all)).toStrictEqual([10, 11, 12]);
    expect(descendantsOf(99, all)).toStrictEqual([99]);
  });

  test('of this very process starts with it', () => {
    expect(readTree(process.pid)[0]).toBe(process.pid);
  });
});
