import { describe, expect, it } from 'vitest';
import { parsePidStatus } from './pid-status.ts';
import { PID_STATUS } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parsePidStatus', () => {
  it('reads the effective ids and the memory in bytes', () => {
    expect(valueOf(parsePidStatus(PID_STATUS))).toEqual({
      name: 'sshd',
      uid: 0,
      gid: 101,
      vmRssBytes: 7258112,
      vmSwapBytes: 126976,
      threads: 1,
    });
  });

  it('leaves out the memory of a kernel thread', () => {
    expect(valueOf(parsePidStatus('Name:\tkthreadd\nUid:\t0\t0\t0\t0\nThreads:\t1\n'))).toEqual({
      name: 'kthreadd',
      uid: 0,
      threads: 1,
    });
  });

  it.each([
    ['there is no name', 'Uid:\t0\t0\t0\t0\n'],
    ['an id is missing', 'Name:\tx\nUid:\t0\n'],
    ['the memory has no unit', 'Name:\tx\nVmRSS:\t 5\n'],
    ['the memory is no number', 'Name:\tx\nVmRSS:\t x kB\n'],
    ['the threads are negative', 'Name:\tx\nThreads:\t-1\n'],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parsePidStatus(text)).problem).toBe('malformed');
  });
});
