/** Counts server-sent events in chunks of bytes. A comment is none. */

export interface EventCounter {
  take(chunk: Buffer): void;
  events(): number;
}

const LINE_FEED = 10;
const DATA = Buffer.from('data:');

/** An event of the agent, and of gatewayd, has one line of data. */
export const makeEventCounter = (): EventCounter => {
  let events = 0;
  let rest: Buffer = Buffer.alloc(0);

  const takeLine = (line: Buffer): void => {
    if (line.length >= DATA.length && line.subarray(0, DATA.length).equals(DATA)) events += 1;
  };

  return {
    take: (chunk) => {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
        const line = chunk.subarray(from, end);
        takeLine(rest.length === 0 ? line : Buffer.concat([rest, line]));
        rest = Buffer.alloc(0);
        from = end + 1;
      }
      if (from < chunk.length) rest = Buffer.concat([rest, chunk.subarray(from)]);
    },
    events: () => events,
  };
};
