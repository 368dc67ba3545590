/** `GET` and `PUT /v1/logs/policies`: what is kept of which VM. */
import { logPoliciesSchema } from '@innkeeper/protocol';
import type { z } from 'zod';
import { defineRoute } from '../../http/define-route.ts';
import { nothing, type AnyRoute } from '../../http/route.ts';
import { parseLabelSelector } from '../../vms/label-selector.ts';
import { storable } from '../../vms/storable-text.ts';
import type { LogPolicyStore } from './policies.ts';

const tag = 'Logs';
/** A hundred selectors of 1,024 characters, each of which JSON may need more bytes for. */
const MAX_BODY = 512 * 1024;

type Refuse = (path: PropertyKey[], message: string) => void;

const checkItem = (
  { selector, vm_id }: z.infer<typeof logPoliciesSchema>['items'][number],
  path: readonly PropertyKey[],
  isLast: boolean,
  refuse: Refuse,
): void => {
  if (selector !== null && vm_id !== null) {
    refuse([...path], 'has selector or vm_id, not both; null for the other one');
  }
  if (selector !== null) {
    const parsed = parseLabelSelector(selector);
    if (!parsed.ok) refuse([...path, 'selector'], parsed.problem);
  }
  const fitsAll = selector === null && vm_id === null;
  if (isLast && !fitsAll) {
    refuse([...path], 'the last one must fit every VM: its selector and vm_id are null');
  }
  if (!isLast && fitsAll) {
    refuse([...path], 'fits every VM, so that nothing behind it holds; only the last one may');
  }
};

const bodySchema = storable(logPoliciesSchema).superRefine(({ items }, context) => {
  items.forEach((item, index) => {
    checkItem(item, ['items', index], index === items.length - 1, (path, message) => {
      context.addIssue({ code: 'custom', path, message });
    });
  });
});

export const makeLogPolicyRoutes = (
  policies: Pick<LogPolicyStore, 'list' | 'replace'>,
): readonly AnyRoute[] => {
  const success = () => ({ ok: true, status: 200, body: { items: policies.list() } }) as const;
  const answers = { 200: { description: 'All of them, in order', schema: logPoliciesSchema } };
  return [
    defineRoute({
      method: 'get',
      path: '/v1/logs/policies',
      tag,
      summary: 'What is kept of which VM: the first that fits a VM holds for it',
      access: { action: 'manager.read' },
      params: nothing,
      query: nothing,
      body: nothing,
      answers,
      handle: () => Promise.resolve(success()),
    }),
    defineRoute({
      method: 'put',
      path: '/v1/logs/policies',
      tag,
      summary: 'Puts a list of policies in the place of the one that there is',
      access: { action: 'logs.configure' },
      params: nothing,
      query: nothing,
      body: bodySchema,
      maxBodyBytes: MAX_BODY,
      answers,
      handle: async ({ actor, body, requestId, remoteAddress }) => {
        await policies.replace({ actor, request: { requestId, remoteAddress } }, body.items);
        return success();
      },
    }),
  ];
};
