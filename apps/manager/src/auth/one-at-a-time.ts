/** Runs pieces of work one after the other, in the order in which they came. */

export type OneAtATime = <Value>(work: () => Promise<Value>) => Promise<Value>;

export const makeOneAtATime = (): OneAtATime => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    // Whether the one before failed concerns only whoever asked for it.
    const mine = last.then(work, work);
    last = mine.catch(() => {});
    return mine;
  };
};
