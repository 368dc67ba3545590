import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENDED_DOCUMENT } from '../testing/ended-document.ts';
import { recall, withoutOutput, type EndedExecution } from './ended-execution.ts';
import { makeOutputLog, type LogReader } from './output-log.ts';

const logOf = (texts: readonly string[]) => {
  const log = makeOutputLog(
    () => 1_000,
    () => undefined,
  );
  for (const text of texts) {
    log.add({ name: 'output', data: { at: 0, stream: 'stdout', text } }, Buffer.byteLength(text));
  }
  return log;
};

const endedOf = (texts: readonly string[]): EndedExecution => ({
  id: ENDED_DOCUMENT.id,
  endedAt: 0,
  fingerprint: 'f',
  document: JSON.stringify({ ...ENDED_DOCUMENT, last_event_id: texts.length }),
  kept: logOf(texts).kept(),
  givenBytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
});

const readAll = (reader: LogReader): readonly unknown[] => {
  const all: unknown[] = [reader.takeMissed()];
  for (let kept = reader.next(); kept !== undefined; kept = reader.next()) all.push(kept.number);
  return [...all, reader.takeMissed()];
};

describe('recall', () => {
  it('reads as the log did that was kept, from anywhere', () => {
    const texts = fc.array(fc.string({ maxLength: 300 }), { maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.nat(40), (given, after) => {
        const expected = readAll(logOf(given).read(after, () => undefined));
        const execution = recall(endedOf(given));
        expect(readAll(execution.read(after, () => undefined))).toEqual(expected);
        expect(execution.isOver()).toBe(true);
        expect(execution.document()).toEqual({ ...ENDED_DOCUMENT, last_event_id: given.length });
      }),
    );
  });

  it('tells how it ended when its output is not kept any more', () => {
    const ended = withoutOutput(endedOf(['one', 'two', 'end']));
    expect(readAll(recall(ended).read(0, () => undefined))).toEqual([2, 3, 0]);
    expect(recall(ended).texts()).toEqual({ stdout: ['end'], stderr: [], missingBytes: 6 });
  });
});
