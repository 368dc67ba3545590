import type { ProvisionScript } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { dueSteps, type Situation } from './due-steps.ts';
import type { Candidate } from './sql/get-candidates.ts';

const VM = '6f1c2a34-0000-4000-8000-000000000001';
const SEEN_AT = 1_000;

const candidate = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  id: `id-${name}`,
  name,
  vm_id: null,
  selector: '',
  when: 'first_boot',
  enabled: true,
  created_at: SEEN_AT - 1,
  ...more,
});
const guestScript = (name: string, more: Partial<ProvisionScript> = {}): ProvisionScript => ({
  name,
  path: `/etc/guest-agent/provision.d/${name}`,
  size_bytes: 1,
  executable: true,
  when: 'first_boot',
  sha256: null,
  refused: null,
  ...more,
});
const due = (situation: Partial<Situation>): readonly string[] =>
  dueSteps({
    vm: { id: VM, labels: { env: 'prod' }, isLocal: false },
    candidates: [],
    guestScripts: [],
    done: new Set(),
    firstSeenAt: SEEN_AT,
    wish: undefined,
    ...situation,
  }).map(({ name, again }) => (again ? `${name} again` : name));

describe('dueSteps', () => {
  it("runs the guest's own scripts before the manager's", () => {
    const guestScripts = [guestScript('10-a'), guestScript('20-b', { when: 'every_boot' })];
    expect(due({ guestScripts, candidates: [candidate('c')] })).toEqual(['10-a', '20-b', 'c']);
  });

  it('leaves out what is for other VMs, or off', () => {
    const candidates = [
      candidate('named', { vm_id: VM, selector: null }),
      candidate('other', { vm_id: 'other', selector: null }),
      candidate('prod', { selector: 'env=prod' }),
      candidate('test', { selector: 'env=test' }),
      candidate('broken', { selector: '((' }),
      candidate('off', { enabled: false }),
    ];
    expect(due({ candidates })).toEqual(['named', 'prod']);
  });

  it("reaches the manager's own machine by its name only, and not its own scripts", () => {
    const candidates = [
      candidate('named', { vm_id: VM, selector: null }),
      candidate('all'),
      candidate('prod', { selector: 'env=prod' }),
    ];
    const vm = { id: VM, labels: { env: 'prod' }, isLocal: true };
    expect(due({ vm, candidates, guestScripts: [guestScript('a')] })).toEqual(['named']);
  });

  it('runs a script for the first boot once, and not where the VM was there before it', () => {
    const candidates = [
      candidate('first'),
      candidate('done'),
      candidate('late', { created_at: SEEN_AT + 1 }),
      candidate('late each', { created_at: SEEN_AT + 1, when: 'every_boot' }),
    ];
    const guestScripts = [guestScript('a'), guestScript('b')];
    const done = new Set(['id-done', 'guest-a']);
    expect(due({ candidates, guestScripts, done })).toEqual(['b', 'first', 'late each']);
  });

  it('runs what somebody asks for', () => {
    const candidates = [
      candidate('first'),
      candidate('done'),
      candidate('late', { created_at: SEEN_AT + 1 }),
      candidate('off', { enabled: false }),
    ];
    const guestScripts = [guestScript('a')];
    const all = { candidates, guestScripts, done: new Set(['id-done', 'guest-a']) };
    const wish = { scriptIds: undefined, again: false };
    expect(due({ ...all, wish })).toEqual(['first', 'late']);
    const again = ['a again', 'first again', 'done again', 'late again'];
    expect(due({ ...all, wish: { ...wish, again: true } })).toEqual(again);
    const scriptIds = new Set(['id-done', 'id-off']);
    expect(due({ ...all, wish: { scriptIds, again: false } })).toEqual(['done again', 'off again']);
  });
});
