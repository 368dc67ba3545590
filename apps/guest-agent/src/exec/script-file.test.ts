import { describe, expect, it } from 'vitest';
import { interpreterOf } from './script-file.ts';

describe('interpreterOf', () => {
  it.each([
    ['echo', undefined, ['/bin/sh']],
    ['', undefined, ['/bin/sh']],
    ['#!/bin/bash\necho', undefined, ['/bin/bash']],
    ['#! /bin/bash -eu \necho', undefined, ['/bin/bash', '-eu']],
    // One option, as the kernel has it.
    ['#!/usr/bin/env -S python3 -u\n', undefined, ['/usr/bin/env', '-S python3 -u']],
    ['#!/bin/sh\r\necho', undefined, ['/bin/sh']],
    ['#!/bin/sh', undefined, ['/bin/sh']],
    ['#!\necho', undefined, ['/bin/sh']],
    ['# !/bin/bash', undefined, ['/bin/sh']],
    ['\n#!/bin/bash', undefined, ['/bin/sh']],
    ['#!/bin/bash\n', 'python3  -u', ['python3', '-u']],
    ['x', '  ', ['/bin/sh']],
  ])('%j, asked for %j, is run by %j', (script, asked, expected) => {
    expect(interpreterOf(script, asked)).toEqual(expected);
  });
});
