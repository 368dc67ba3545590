import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeLog } from '../log.ts';
import { absent, collected, failed } from '../sources/collected.ts';
import { makeOutcomeLog } from './outcome-log.ts';

const lineSchema = z.object({ level: z.string(), message: z.string(), fields: z.unknown() });

const make = () => {
  const lines: string[] = [];
  const log = makeLog({ level: 'debug', nowMs: () => 0, writeLine: (line) => lines.push(line) });
  const told = () =>
    lines.splice(0).map((line) => {
      const { level, message, fields } = lineSchema.parse(JSON.parse(line));
      return [level, message, fields];
    });
  return { onOutcome: makeOutcomeLog(log), told };
};

describe('makeOutcomeLog', () => {
  it('says nothing of a collector that works', () => {
    const { onOutcome, told } = make();
    onOutcome('cpu', collected(1));
    expect(told()).toEqual([]);
  });

  it('tells a failure once, and its end once', () => {
    const { onOutcome, told } = make();
    for (let scrape = 0; scrape < 3; scrape += 1) onOutcome('cpu', failed('stat is malformed'));
    expect(told()).toEqual([
      ['warn', 'collector failed', { collector: 'cpu', error: 'stat is malformed' }],
    ]);
    onOutcome('cpu', collected(1));
    onOutcome('cpu', collected(1));
    expect(told()).toEqual([['info', 'collector has a value again', { collector: 'cpu' }]]);
  });

  it('tells a failure of another kind, and keeps collectors apart', () => {
    const { onOutcome, told } = make();
    onOutcome('cpu', failed('one'));
    onOutcome('cpu', failed('two'));
    onOutcome('time', failed('two'));
    expect(told().map(([, , fields]) => fields)).toEqual([
      { collector: 'cpu', error: 'one' },
      { collector: 'cpu', error: 'two' },
      { collector: 'time', error: 'two' },
    ]);
  });

  it('tells what a machine lacks only to those who debug', () => {
    const { onOutcome, told } = make();
    onOutcome('conntrack', absent('no such file'));
    expect(told()).toEqual([
      [
        'debug',
        'collector found nothing to read',
        { collector: 'conntrack', error: 'no such file' },
      ],
    ]);
  });
});
