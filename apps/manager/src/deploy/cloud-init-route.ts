/** `GET /v1/vms/:id/cloud-init`: what makes a new VM install and enrol its agent by itself. */
import { z } from 'zod';
import type { Enrollments } from '../enroll/enrollments.ts';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { idParams, nothing, type AnyRoute, type Success } from '../http/route.ts';
import {
  renderSeedImage,
  renderUserData,
  renderVendorData,
  type CloudInitFacts,
} from './cloud-init.ts';
import type { RenderedScript } from './deployment.ts';

export interface CloudInitRouteOptions {
  readonly enrollments: Pick<Enrollments, 'create'>;
  readonly installScript: () => RenderedScript;
}

const FORMATS = ['user-data', 'vendor-data', 'iso'] as const;
type Format = (typeof FORMATS)[number];

const render = (
  format: Format,
  facts: CloudInitFacts,
): Pick<Success, 'body' | 'contentType' | 'headers'> => {
  switch (format) {
    case 'user-data':
      return { body: renderUserData(facts), contentType: 'text/cloud-config; charset=utf-8' };
    case 'vendor-data':
      return { body: renderVendorData(facts), contentType: 'text/x-shellscript; charset=utf-8' };
    case 'iso':
      return {
        body: renderSeedImage(facts),
        contentType: 'application/x-iso9660-image',
        headers: { 'content-disposition': `attachment; filename="${facts.vmId}-seed.iso"` },
      };
    default:
      return format satisfies never;
  }
};

export const makeCloudInitRoute = (options: CloudInitRouteOptions): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/cloud-init',
    tag: 'Deployment',
    summary:
      'What cloud-init needs to install and enrol the agent. Each answer has a new token; the one before is revoked',
    access: { action: 'vm.update', vm: 'id' },
    params: idParams,
    query: z.strictObject({ format: z.enum(FORMATS).default('user-data') }),
    body: nothing,
    answers: { 200: { description: 'a text, or an image', contentType: 'text/cloud-config' } },
    problems: {
      '409 public_url_missing': 'the manager does not know its address',
      '409 agent_not_built': 'there is nothing to install',
      '409 local_vm': 'the machine of the manager is enrolled already',
    },
    handle: async ({ actor, vm, query, requestId, remoteAddress }) => {
      const script = options.installScript();
      if (!script.ok) return refuse(script.problem);
      const by = { actor, request: { requestId, remoteAddress } };
      const created = await options.enrollments.create(by, { kind: 'vm', vm });
      if (!created.ok) return created;
      const { token, expires_at: expiresAt } = created.value;
      const facts = { vmId: vm.id, name: vm.name, token, expiresAt, installScript: script.text };
      return { ok: true, status: 200, ...render(query.format, facts) };
    },
  });
