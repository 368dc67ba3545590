import { processStatsRequestSchema } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequest } from './parse-request.ts';

const parse = (document: unknown) => parseRequest(JSON.stringify(document));

describe('parseRequest', () => {
  it('takes locators with everything a manager may know', () => {
    const document = {
      vms: [
        { vm_id: 'vm-1' },
        {
          vm_id: 'vm-2',
          pid: 7,
          pidfile: '/run/vm.pid',
          api_socket: '/run/api.sock',
          metrics_fifo: '/run/m.fifo',
          qmp_socket: '/run/q.sock',
          taps: ['tap0'],
        },
      ],
      pss: true,
    };
    expect(parse(document)).toEqual({ ok: true, request: document });
  });

  it.each(['', '{', 'vms', '{"vms":[],}', '\0'])('answers 400 to %j', (body) => {
    const parsed = parseRequest(body);
    expect(parsed).toMatchObject({ ok: false, status: 400 });
    expect(parsed.ok ? '' : parsed.message).toContain('not valid JSON');
  });

  const locator = (change: object): unknown => ({
    vms: [{ vm_id: 'a' }, { vm_id: 'b', ...change }],
  });

  it.each([
    [null, 'the body'],
    [[], 'the body'],
    [{}, 'vms'],
    [{ vms: {} }, 'vms'],
    [{ vms: [], pss: 'yes' }, 'pss'],
    [{ vms: [], pss: null }, 'pss'],
    [{ vms: [7] }, 'vms[0]'],
    [{ vms: [[]] }, 'vms[0]'],
    [{ vms: [{}] }, 'vms[0].vm_id'],
    [locator({ vm_id: 'a b' }), 'vms[1].vm_id'],
    [locator({ vm_id: '' }), 'vms[1].vm_id'],
    [locator({ pid: 0 }), 'vms[1].pid'],
    [locator({ pid: -1 }), 'vms[1].pid'],
    [locator({ pid: 1.5 }), 'vms[1].pid'],
    [locator({ pid: '7' }), 'vms[1].pid'],
    [locator({ pid: null }), 'vms[1].pid'],
    [locator({ pidfile: 7 }), 'vms[1].pidfile'],
    [locator({ api_socket: 'x'.repeat(4097) }), 'vms[1].api_socket'],
    [locator({ metrics_fifo: [] }), 'vms[1].metrics_fifo'],
    [locator({ qmp_socket: {} }), 'vms[1].qmp_socket'],
    [locator({ taps: 'tap0' }), 'vms[1].taps'],
    [locator({ taps: [''] }), 'vms[1].taps'],
    [locator({ taps: ['sixteen letters!'] }), 'vms[1].taps'],
    [locator({ taps: Array.from({ length: 65 }, () => 'tap0') }), 'vms[1].taps'],
    [{ vms: Array.from({ length: 8193 }, () => ({ vm_id: 'a' })) }, 'vms'],
  ])('answers 422 to %j, and names the field', (document, field) => {
    const parsed = parse(document);
    expect(parsed).toMatchObject({ ok: false, status: 422 });
    expect(parsed.ok ? '' : parsed.message).toMatch(
      new RegExp(`^${field.replaceAll(/[[\].]/gu, String.raw`\$&`)} must `, 'u'),
    );
  });

  it('accepts just what the schema accepts', () => {
    const odd = fc.oneof(
      fc.constantFrom<unknown>(null, 0, 1, -1, 1.5, 1e300, true, '', 'a', 'a b', [], {}, ['tap0']),
      fc.string({ maxLength: 20 }),
      fc.constant('x'.repeat(4097)),
    );
    const names = ['vm_id', 'pid', 'pidfile', 'api_socket', 'metrics_fifo', 'qmp_socket', 'taps'];
    const one = fc
      .dictionary(fc.constantFrom(...names, 'unknown', '__proto__'), odd)
      .map((fields) => Object.assign(fields, { vm_id: fields['vm_id'] ?? 'a' }));
    const document = fc.oneof(
      fc.record({ vms: fc.array(fc.oneof(one, odd), { maxLength: 3 }) }),
      fc.record({ vms: fc.array(one, { maxLength: 3 }), pss: fc.oneof(fc.boolean(), odd) }),
      odd,
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(document, (value) => {
        const text = JSON.stringify(value);
        const accepted = processStatsRequestSchema.safeParse(JSON.parse(text)).success;
        expect([text, parseRequest(text).ok]).toEqual([text, accepted]);
      }),
      { numRuns: 2000 },
    );
  });
});
