import { describe, expect, it } from 'vitest';
import { parseCgroupCpuStat } from './cgroup-cpu-stat.ts';
import { CGROUP_CPU_STAT } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseCgroupCpuStat', () => {
  it('reads the time that was used', () => {
    expect(valueOf(parseCgroupCpuStat(CGROUP_CPU_STAT))).toEqual({ usageSeconds: 1.694419 });
  });

  it.each(['user_usec 1\n', 'usage_usec\n', 'usage_usec x\n', 'usage_usec -1\n'])(
    'is malformed: %j',
    (text) => {
      expect(errorOf(parseCgroupCpuStat(text)).problem).toBe('malformed');
    },
  );
});
