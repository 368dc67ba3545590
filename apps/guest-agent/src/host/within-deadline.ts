/** Several answers that are under way, and one deadline for all that have not come by then. */
import type { Clock } from '../platform/platform.ts';

export const withinDeadline = async <Value>(
  clock: Pick<Clock, 'after'>,
  deadlineMs: number,
  asked: readonly (Promise<Value> | Value)[],
  late: Value,
): Promise<readonly Value[]> => {
  const answers = asked.map((one) => (one instanceof Promise ? late : one));
  const pending = asked.flatMap((one, index) =>
    one instanceof Promise
      ? [
          one.then((value) => {
            answers[index] = value;
          }),
        ]
      : [],
  );
  if (pending.length === 0) return answers;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(deadlineMs, resolve);
    void Promise.all(pending).then(() => {
      cancel();
      resolve();
    });
  });
  // A copy: who comes late must not change what has been given out.
  return [...answers];
};
