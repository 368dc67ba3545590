import { describe, expect, it } from 'vitest';
import { sourceProblem } from './source-problem.ts';

describe('sourceProblem', () => {
  it('says why, and when it is tried again if that is known', () => {
    expect(sourceProblem('absent', 'no such thing')).toEqual({
      ok: false,
      reason: 'absent',
      message: 'no such thing',
    });
    expect(sourceProblem('timeout', 'x', 12.5)).toMatchObject({ retry_at: 13 });
  });

  it('bounds what a hostile peer says, and leaves no control characters in it', () => {
    const { message } = sourceProblem(
      'malformed',
      `\u001b[31m\u202e\n${'\ud83d\ude00'.repeat(600)}`,
    );
    expect(message).toMatch(/^\?\[31m\?\?/u);
    expect(message.length).toBeLessThanOrEqual(512);
    expect(message).not.toMatch(/\p{C}/u);
  });
});
