import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vmNameSchema } from '@innkeeper/protocol';
import { freeName } from '../vms/free-name.ts';
import { nameOfVmm } from './vmm-name.ts';

const vmm = { kind: 'qemu', pid: 7, name: null, id: null } as const;

describe('the name of a VMM', () => {
  it.each([
    ['web', null, 'web'],
    [null, 'fc-1', 'fc-1'],
    [null, 'anonymous-instance', 'qemu-7'],
    [null, null, 'qemu-7'],
    ['', '', 'qemu-7'],
    ['  web  server ', null, 'web server'],
    ['a\u001B[31mb\u0007', null, 'a [31mb'],
    ['a\u202Egpj.exe', null, 'a gpj.exe'],
    ['a\nb\u2028c', null, 'a b c'],
    ['\u200B', 'fc-2', 'fc-2'],
    ['\ud800', null, 'qemu-7'],
    ['x'.repeat(300), null, 'x'.repeat(128)],
  ])('%j with the id %j becomes %j', (name, id, expected) => {
    expect(nameOfVmm({ ...vmm, name, id })).toBe(expected);
  });

  it('is a name that a VM may have, whatever the command line says', () => {
    // Code units, so halves of characters too; 200 are cut.
    const text = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(text, text, (name, id) => {
        const told = nameOfVmm({ ...vmm, name, id });
        expect(vmNameSchema.safeParse(told)).toEqual({ success: true, data: told });
        const other = freeName(told, (one) => one === told);
        expect(vmNameSchema.safeParse(other)).toEqual({ success: true, data: other });
      }),
    );
  });
});

describe('a free name', () => {
  it('is the wanted one, or has a number', () => {
    const taken = new Set(['web', 'web-2']);
    expect(freeName('db', (name) => taken.has(name))).toBe('db');
    expect(freeName('web', (name) => taken.has(name))).toBe('web-3');
    expect(freeName('web', () => true)).toBeUndefined();
  });
});
