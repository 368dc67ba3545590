import { describe, expect, it } from 'vitest';
import { nodeText } from '../../platform/node/text.ts';
import { makeFakeClock } from '../../testing/fake-clock.ts';
import { makeFakePipes } from '../../testing/fake-pipes.ts';
import { makeLineIntake } from './line-intake.ts';
import { parseMetricsLine } from './metrics-line.ts';
import { makePipeFollower } from './pipe-follower.ts';

const PATH = '/run/vm/metrics';
const GOOD = '{"utc_timestamp_ms":1}\n';
const MIB = 1024 * 1024;
/** Catches a hang, not a slow machine: a MiB of garbage that is parsed takes some 6 s. */
const CEILING_MS = 2_000;

const setUp = () => {
  const clock = makeFakeClock();
  const files = makeFakePipes(64 * 1024);
  const node = files.file(PATH);
  let parsed = 0;
  const intake = makeLineIntake(clock, (text) => {
    parsed += 1;
    return parseMetricsLine(text);
  });
  const follower = makePipeFollower({ files, clock, text: nodeText }, PATH, intake.sink);
  follower.poll();
  return { node, intake, follower, parsed: () => parsed };
};

describe('makeLineIntake', () => {
  it('looks at sixteen lines of garbage in a poll, and only counts the rest of one read', () => {
    const { node, intake, follower, parsed } = setUp();
    node.write('x\n'.repeat(MIB / 2));
    const startedAt = performance.now();
    for (let poll = 1; poll <= 16; poll += 1) {
      follower.poll();
      expect(parsed()).toBe(16 * poll);
      expect(intake.totals.counts().malformed).toBe(32 * 1024 * poll);
    }
    expect(performance.now() - startedAt).toBeLessThan(CEILING_MS);
    expect(intake.problem()).toBe('a flood of lines that are no metrics');
    follower.poll();
    node.write(GOOD);
    follower.poll();
    expect(intake.totals.counts()).toMatchObject({ lines: 1, malformed: MIB / 2 });
    expect(intake.problem()).toBeUndefined();
  });

  it('reads on past a few lines of garbage', () => {
    const { node, intake, follower } = setUp();
    node.write(`${'x\n'.repeat(15)}${GOOD}`);
    follower.poll();
    expect(intake.totals.counts()).toMatchObject({ lines: 1, malformed: 15 });
  });
});
