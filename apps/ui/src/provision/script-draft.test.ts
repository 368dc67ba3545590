import { provisioningCreateSchema, type Provisioning } from '@innkeeper/protocol';
import { expect, it } from 'vitest';
import { bodyOf, draftOf, NEW_SCRIPT } from './script-draft.ts';

const SCRIPT: Provisioning = {
  id: '6f1c2a34-0000-4000-8000-000000000001',
  name: 'base',
  description: 'what all have',
  order: 7,
  when: 'every_boot',
  script: 'echo "a = b"\n',
  interpreter: '/bin/sh -e',
  user: 'deploy',
  timeout_seconds: 12.5,
  progress_patterns: [{ pattern: 'x = {n} of {m}', phase: 'Counting' }],
  vm_id: null,
  selector: 'env=prod',
  enabled: false,
  created_at: 1,
  updated_at: 2,
};

it('a script that is opened and saved stays what it was', () => {
  const { id: _id, created_at: _made, updated_at: _changed, ...fields } = SCRIPT;
  expect(bodyOf(draftOf(SCRIPT))).toEqual(fields);
  const named = { ...SCRIPT, vm_id: SCRIPT.id, selector: null };
  expect(bodyOf(draftOf(named))).toMatchObject({ vm_id: SCRIPT.id, selector: null });
});

it('a new one is for all VMs, and what the manager takes', () => {
  const body = bodyOf({ ...NEW_SCRIPT, name: ' new ', patterns: 'done {n}\n\n' });
  expect(provisioningCreateSchema.parse(body)).toMatchObject({
    name: 'new',
    selector: '',
    vm_id: null,
    interpreter: null,
    progress_patterns: [{ pattern: 'done {n}', phase: 'done {n}' }],
  });
});

it('what is no number is left to the manager to refuse', () => {
  for (const order of ['', 'x', '1e', '7,5']) {
    expect(provisioningCreateSchema.safeParse(bodyOf({ ...NEW_SCRIPT, order })).success).toBe(
      false,
    );
  }
});
