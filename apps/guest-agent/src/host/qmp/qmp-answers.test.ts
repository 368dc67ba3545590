import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQmpAnswers } from './qmp-answers.ts';
import type { QmpAnswer } from './qmp-protocol.ts';

const STATS = {
  flush_total_time_ns: 0,
  rd_bytes: 49_250,
  rd_operations: 16,
  wr_bytes: 4096,
  wr_operations: 2,
  wr_highest_offset: 8192,
};
const BLOCK = {
  read_bytes_total: 49_250,
  reads_completed_total: 16,
  written_bytes_total: 4096,
  writes_completed_total: 2,
};

const yes = (value: unknown): QmpAnswer => ({ ok: true, value });
const no = (message: string): QmpAnswer => ({ ok: false, class: 'GenericError', message });

const STATUS = yes({ status: 'running', singlestep: false, running: true });

describe('parseQmpAnswers', () => {
  it('reads status, disks and balloon', () => {
    const disk = { device: 'root', qdev: '/machine/peripheral/x', stats: STATS, parent: {} };
    expect(parseQmpAnswers([STATUS, yes([disk]), yes({ actual: 268_435_456 })])).toEqual({
      ok: true,
      values: {
        ok: true,
        status: 'running',
        running: true,
        block: [{ device: 'root', ...BLOCK }],
        balloon_bytes: 268_435_456,
      },
    });
  });

  it.each([
    ['an error, for want of one', no('No balloon device has been activated')],
    ['something else', yes({})],
    ['nonsense', yes({ actual: -1 })],
  ])('has null for a balloon that answers with %s', (_, balloon) => {
    const parsed = parseQmpAnswers([STATUS, yes([]), balloon]);
    expect(parsed.ok && parsed.values.balloon_bytes).toBeNull();
  });

  it('names disks by device, else node name, else the device of the guest, and never two alike', () => {
    const names = [
      { device: 'drive0', 'node-name': '#block123', qdev: '/machine/a', stats: STATS },
      { device: '', 'node-name': 'disk1', qdev: '/machine/b', stats: STATS },
      { device: '', qdev: '/machine/c', stats: STATS },
      { device: '', stats: STATS },
      { device: 'drive0', 'node-name': 'other', stats: STATS },
      { device: 'drive0', stats: STATS },
      { device: 'x'.repeat(1000), stats: STATS },
    ];
    const parsed = parseQmpAnswers([STATUS, yes(names), no('none')]);
    expect(parsed.ok && parsed.values.block.map(({ device }) => device)).toEqual([
      'drive0',
      'disk1',
      '/machine/c',
      '#3',
      'other',
      '#5',
      'x'.repeat(256),
    ]);
  });

  it.each([
    ['query-status: not as QMP describes it', [yes({ status: 'running' }), yes([]), no('')]],
    ['query-status: not as QMP describes it', [yes({ status: '', running: true }), yes([])]],
    ['query-status: not as QMP describes it', []],
    ['query-status: gone', [no('gone'), yes([]), no('')]],
    ['query-blockstats: busy', [STATUS, no('busy'), no('')]],
    ['query-blockstats: not as QMP describes it', [STATUS, yes({}), no('')]],
    ['query-blockstats: not as QMP describes it', [STATUS, yes([1]), no('')]],
    ['query-blockstats: not as QMP describes it', [STATUS, yes([{ device: 'a' }]), no('')]],
    [
      'query-blockstats: not as QMP describes it',
      [STATUS, yes([{ device: 'a', stats: { ...STATS, rd_bytes: '1' } }]), no('')],
    ],
    [
      'query-blockstats: not as QMP describes it',
      [STATUS, yes(Array.from({ length: 1025 }, () => ({ stats: STATS }))), no('')],
    ],
  ] satisfies [string, QmpAnswer[]][])('says what is wrong: %s', (problem, answers) => {
    expect(parseQmpAnswers(answers)).toEqual({ ok: false, problem });
  });

  it('gives something for every answer', () => {
    const answer = fc.oneof(fc.jsonValue().map(yes), fc.string().map(no), fc.constant(STATUS));
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 4 }), (answers) => {
        expect(typeof parseQmpAnswers(answers).ok).toBe('boolean');
      }),
    );
  });
});
