import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCmdline } from './cmdline.ts';
import { valueOf } from './testing/unwrap.ts';

describe('parseCmdline', () => {
  it.each([
    ['', []],
    ['qemu\0', ['qemu']],
    ['qemu\0-name\0a b\0', ['qemu', '-name', 'a b']],
    ['an empty argument\0\0', ['an empty argument', '']],
    ['cut off\0in the mid', ['cut off', 'in the mid']],
    ['sshd: a title written over it', ['sshd: a title written over it']],
    ['a line\nbreak\0', ['a line\nbreak']],
    ['\0', ['']],
  ])('reads %j', (text, expected) => {
    expect(valueOf(parseCmdline(text))).toEqual(expected);
  });

  it('gives back any arguments', () => {
    const argument = fc.string().map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1 }), (argv) => {
        expect(valueOf(parseCmdline(argv.map((one) => `${one}\0`).join('')))).toEqual(argv);
      }),
    );
  });
});
