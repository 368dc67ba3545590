import { expect, test } from 'vitest';
import { NOWHERE, vmRequest, type Placing } from './vm-request.ts';

const TYPED = { name: ' web-01 ', address: '', port: '8080' };
const LABELS = { env: 'prod' };
const HOST = '5a3c8c1e-8f5b-4a7f-9d7e-0a4c0f7e1a01';
const on = (placing: Partial<Placing>): Placing => ({ ...NOWHERE, hostId: HOST, ...placing });

const COMMON = { name: 'web-01', agent_port: 8080, labels: LABELS };

test('a VM whose host is not known is its name, its port and its labels', () => {
  expect(vmRequest(TYPED, LABELS, NOWHERE)).toStrictEqual({ path: '/v1/vms', body: COMMON });
  const { body } = vmRequest({ ...TYPED, address: ' 10.0.0.5 ' }, LABELS, NOWHERE);
  expect(body).toStrictEqual({ ...COMMON, guest_ip: '10.0.0.5' });
});

test.each([
  ['its own name', on({}), {}],
  ['another name', on({ process: 'other', told: ' guest-7 ' }), { kind: 'qemu', name: 'guest-7' }],
  [
    'an id of Firecracker',
    on({ process: 'other', kind: 'firecracker', told: 'fc-1' }),
    { kind: 'firecracker', name: 'fc-1' },
  ],
  ['a UUID', on({ process: 'other', told: HOST }), { kind: 'qemu', uuid: HOST }],
  ['nothing', on({ process: 'other', told: ' ' }), {}],
])('its process is found by %s', (_, placing, vmm) => {
  expect(vmRequest(TYPED, LABELS, placing)).toStrictEqual({
    path: '/v1/vms',
    body: { ...COMMON, host_id: HOST, ...(Object.keys(vmm).length === 0 ? {} : { vmm }) },
  });
});

test('a process that is there already is adopted', () => {
  expect(vmRequest(TYPED, LABELS, on({ process: '12-345' }))).toStrictEqual({
    path: `/v1/hosts/${HOST}/found/12-345/adopt`,
    body: COMMON,
  });
});
