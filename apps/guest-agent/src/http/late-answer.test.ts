import { describe, expect, it } from 'vitest';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { settled } from '../testing/settled.ts';
import { jsonAnswer } from './answer.ts';
import { lateAnswer } from './late-answer.ts';
import type { HttpResponse } from './message.ts';

const setUp = () => {
  const clock = makeFakeClock();
  let finish: (response: HttpResponse) => void = () => undefined;
  const work = new Promise<HttpResponse>((resolve) => {
    finish = resolve;
  });
  return {
    clock,
    answer: lateAnswer(work, clock),
    finish: (document: unknown) => finish(jsonAnswer(document)),
  };
};

const open = (response: HttpResponse) => {
  let text = response.body;
  let isEnded = false;
  const events = response.stream?.({
    write: (more) => {
      text += more;
    },
    pendingBytes: () => 0,
    end: () => {
      isEnded = true;
    },
  });
  return { text: () => text, isEnded: () => isEnded, close: () => events?.closed() };
};

describe('lateAnswer', () => {
  it('is an ordinary answer where it is there soon', async () => {
    const { clock, answer, finish } = setUp();
    clock.advance(4_999);
    finish({ a: 1 });
    expect(await answer).toEqual(jsonAnswer({ a: 1 }));
    expect(clock.pendingTimers()).toBe(0);
  });

  it('sends its head after five seconds, signs of life, and the document, which is still JSON', async () => {
    const { clock, answer, finish } = setUp();
    clock.advance(5_000);
    const stream = open(await answer);
    clock.advance(45_000);
    expect(stream.text()).toBe('\n\n\n\n');
    finish({ a: 1 });
    await settled();
    expect(JSON.parse(stream.text())).toEqual({ a: 1 });
    expect(stream.isEnded()).toBe(true);
    stream.close();
    expect(clock.pendingTimers()).toBe(0);
  });

  it('writes nothing to who has gone', async () => {
    const { clock, answer, finish } = setUp();
    clock.advance(5_000);
    const stream = open(await answer);
    stream.close();
    finish({ a: 1 });
    await settled();
    expect(stream.text()).toBe('\n');
    expect(clock.pendingTimers()).toBe(0);
  });
});
