/** Lines of the past, a page at a time: from the VM's agent, or, where that is silent, kept ones. */
import type { LogEvent, LogPage, LogSource } from '@innkeeper/protocol';
import type { Api, ApiResult } from '../state/api.ts';

export type PageAnswer = ApiResult<LogPage>;

export interface LogPages {
  before(vmId: string, event: LogEvent): Promise<PageAnswer>;
  after(vmId: string, event: LogEvent): Promise<PageAnswer>;
  around(
    vmId: string,
    moment: { readonly at: number; readonly cursor: string | undefined },
  ): Promise<PageAnswer>;
}

const PAGE = 500;

export const makeLogPages = (api: Pick<Api, 'get'>, source: LogSource | undefined): LogPages => {
  const ask = async (
    vmId: string,
    where: Readonly<Record<string, string | number>>,
  ): Promise<PageAnswer> => {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (source !== undefined) query.set('source', source);
    for (const [name, value] of Object.entries(where)) query.set(name, String(value));
    return api.get<LogPage>(`/v1/vms/${encodeURIComponent(vmId)}/logs/page?${query.toString()}`);
  };
  return {
    before: async (vmId, { cursor }) => ask(vmId, { before: cursor }),
    after: async (vmId, { cursor }) => ask(vmId, { after: cursor }),
    around: async (vmId, { at, cursor }) =>
      ask(vmId, cursor === undefined ? { at } : { around: cursor, at }),
  };
};
