/** `/v1/vms/:id/enrollment` and `/v1/hosts/:id/enrollment`: how their agents come to be enrolled. */
import { enrollmentCreatedSchema, enrollmentSchema } from '@innkeeper/protocol';
import { HOST_NOT_FOUND } from '../../hosts/host-problems.ts';
import type { Hosts } from '../../hosts/host-record.ts';
import { defineRoute } from '../../http/define-route.ts';
import { refuse } from '../../http/problem.ts';
import { idParams, nothing, type AnyRoute } from '../../http/route.ts';
import type { Enrollments } from '../enrollments.ts';

export interface EnrollmentRoutesOptions {
  readonly enrollments: Pick<Enrollments, 'create' | 'revoke' | 'describe'>;
  readonly hosts: Pick<Hosts, 'get'>;
}

const tag = 'Enrolment';
const CREATED = {
  201: {
    description: 'a token to be used once, within 15 minutes; it is not told again',
    schema: enrollmentCreatedSchema,
  },
};
const DESCRIBED = { 200: { description: 'how far it is', schema: enrollmentSchema } };
const REVOKED = { 204: { description: 'no token waits any more' } };
const PUBLIC_URL = { '409 public_url_missing': 'INNKEEPER_PUBLIC_URL is not set' };
const HOST_PROBLEMS = { '404 host_not_found': 'there is no such host' };

const makeVmRoutes = ({ enrollments }: EnrollmentRoutesOptions): readonly AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/v1/vms/:id/enrollment',
    tag,
    summary: "Makes a token with which the VM's agent enrols itself; one before it is revoked",
    access: { action: 'vm.update', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: CREATED,
    problems: { ...PUBLIC_URL, '409 local_vm': 'the machine of the manager is enrolled already' },
    handle: async ({ actor, vm, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const created = await enrollments.create(by, { kind: 'vm', vm });
      return created.ok ? { ok: true, status: 201, body: created.value } : created;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/enrollment',
    tag,
    summary: "How far the enrolment of the VM's agent is",
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: DESCRIBED,
    handle: async ({ vm }) => {
      const body = await enrollments.describe({ kind: 'vm', vm });
      return { ok: true, status: 200, body };
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/v1/vms/:id/enrollment',
    tag,
    summary: 'Revokes a token that was not used yet, and forgets that a clone was seen',
    access: { action: 'vm.update', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: REVOKED,
    handle: async ({ actor, vm, requestId, remoteAddress }) => {
      await enrollments.revoke(
        { actor, request: { requestId, remoteAddress } },
        { kind: 'vm', vm },
      );
      return { ok: true, status: 204 };
    },
  }),
];

const makeHostRoutes = ({ enrollments, hosts }: EnrollmentRoutesOptions): readonly AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/v1/hosts/:id/enrollment',
    tag,
    summary: "Makes a token with which the host's agent enrols itself; one before it is revoked",
    access: { action: 'host.update' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: CREATED,
    problems: {
      ...HOST_PROBLEMS,
      ...PUBLIC_URL,
      '409 local_host': 'the machine of the manager is enrolled already',
    },
    handle: async ({ actor, params, requestId, remoteAddress }) => {
      const host = hosts.get(params.id);
      if (host === undefined) return refuse(HOST_NOT_FOUND);
      const by = { actor, request: { requestId, remoteAddress } };
      const created = await enrollments.create(by, { kind: 'host', host });
      return created.ok ? { ok: true, status: 201, body: created.value } : created;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/v1/hosts/:id/enrollment',
    tag,
    summary: "How far the enrolment of the host's agent is",
    access: { action: 'host.read' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: DESCRIBED,
    problems: HOST_PROBLEMS,
    handle: async ({ params }) => {
      const host = hosts.get(params.id);
      if (host === undefined) return refuse(HOST_NOT_FOUND);
      const body = await enrollments.describe({ kind: 'host', host });
      return { ok: true, status: 200, body };
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/v1/hosts/:id/enrollment',
    tag,
    summary: 'Revokes a token that was not used yet, and forgets that a clone was seen',
    access: { action: 'host.update' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: REVOKED,
    problems: HOST_PROBLEMS,
    handle: async ({ actor, params, requestId, remoteAddress }) => {
      const host = hosts.get(params.id);
      if (host === undefined) return refuse(HOST_NOT_FOUND);
      const by = { actor, request: { requestId, remoteAddress } };
      await enrollments.revoke(by, { kind: 'host', host });
      return { ok: true, status: 204 };
    },
  }),
];

export const makeEnrollmentRoutes = (options: EnrollmentRoutesOptions): readonly AnyRoute[] => [
  ...makeVmRoutes(options),
  ...makeHostRoutes(options),
];
